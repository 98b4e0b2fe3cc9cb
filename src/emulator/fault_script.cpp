#include <emulator/fault_script.hpp>
#include <text/ascii.hpp>

#include <algorithm>
#include <stdexcept>

namespace dbxapps::emulated {
namespace {

void check(const emulator_fault& fault) {
    if (fault.delay.count() < 0) throw std::invalid_argument("emulator_fault: delay is negative");
    if (fault.status < 200 || fault.status > 999)
        throw std::invalid_argument("emulator_fault: status is not one of 200 to 999");
    if (!fault.headers.empty() && !fault.headers.ends_with("\r\n"))
        throw std::invalid_argument("emulator_fault: headers does not end with CRLF");
}

}  // namespace

void fault_script::add(emulator_fault fault) {
    check(fault);
    if (fault.times == 0) return;
    fault.host = text::lowered(fault.host);
    const auto times = fault.times;
    auto shared = std::make_shared<const emulator_fault>(std::move(fault));
    const std::lock_guard lock(mutex_);
    waiting_.push_back(entry{std::move(shared), times});
    any_.store(true, std::memory_order_release);
}

std::shared_ptr<const emulator_fault> fault_script::strike(std::string_view host) {
    if (!any_.load(std::memory_order_acquire)) return nullptr;
    const std::lock_guard lock(mutex_);
    const auto fits = [host](const entry& e) { return e.fault->host.empty() || e.fault->host == host; };
    const auto found = std::find_if(waiting_.begin(), waiting_.end(), fits);
    if (found == waiting_.end()) return nullptr;
    auto fault = found->fault;
    if (--found->left == 0) waiting_.erase(found);
    any_.store(!waiting_.empty(), std::memory_order_release);
    return fault;
}

void fault_script::clear() {
    const std::lock_guard lock(mutex_);
    waiting_.clear();
    any_.store(false, std::memory_order_release);
}

}  // namespace dbxapps::emulated
