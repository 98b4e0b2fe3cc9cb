#include "load.hpp"

#include <boost/asio/co_spawn.hpp>

#include <utility>

namespace demo {

load::load(dbxapps::client client, std::vector<std::string> urls, std::uint64_t calls, std::uint64_t refreshes_wanted)
    : client_(std::move(client)), urls_(std::move(urls)), calls_(calls), refreshes_wanted_(refreshes_wanted) {}

void load::start(const boost::asio::any_io_executor& where, unsigned in_flight) {
    const std::lock_guard lock(mutex_);
    callers_ = in_flight;
    tokens_before_ = tokens_so_far();
    began_at_ = dbxapps::clock::now();
    for (unsigned n = 0; n < in_flight; ++n) {
        boost::asio::co_spawn(where, caller(*this), [this](std::exception_ptr thrown) { caller_ended(thrown); });
    }
}

boost::asio::awaitable<void> load::caller(load& all) {
    const auto tokens = all.client_.tokens();
    bool cold = true;
    for (;;) {
        const std::uint64_t number = all.next_.fetch_add(1, std::memory_order_relaxed);
        if (!all.goes_on(number)) co_return;
        const bool refreshing_before = tokens->refreshing();
        const auto began = dbxapps::clock::now();
        const auto answer = co_await all.client_.try_send(dbxapps::get(all.urls_[number % all.urls_.size()]));
        const auto took = dbxapps::clock::now() - began;
        const bool refreshing = refreshing_before || tokens->refreshing();
        (cold ? all.cold_ : refreshing ? all.during_ : all.otherwise_).record(took);
        if (answer) cold = false;
        if (!answer) {
            all.failed(dbxapps::error(answer.error()).what());
        } else if (!answer->ok()) {
            all.failed(all.urls_[number % all.urls_.size()] + ": the app answered " + std::to_string(answer->status()));
        }
        all.done_.fetch_add(1, std::memory_order_relaxed);
    }
}

bool load::goes_on(std::uint64_t number) {
    if (number < calls_) return true;
    const std::lock_guard lock(mutex_);
    if (tokens_so_far() - tokens_before_ >= refreshes_wanted_) return false;
    const auto now = dbxapps::clock::now();
    if (!waits_since_) waits_since_ = now;
    return now - *waits_since_ < most_waiting;
}

bool load::wait(std::chrono::milliseconds most) {
    std::unique_lock lock(mutex_);
    return ended_signal_.wait_for(lock, most, [this] { return ended_; });
}

std::uint64_t load::tokens_so_far() const noexcept {
    const auto counters = client_.tokens()->counters();
    return counters.fetches - counters.failures;
}

std::uint64_t load::refreshes() const noexcept {
    const std::lock_guard lock(mutex_);
    return (ended_ ? tokens_after_ : tokens_so_far()) - tokens_before_;
}

dbxapps::duration load::elapsed() const {
    const std::lock_guard lock(mutex_);
    return (ended_ ? ended_at_ : dbxapps::clock::now()) - began_at_;
}

std::string load::first_failure() const {
    const std::lock_guard lock(mutex_);
    return first_failure_;
}

void load::failed(const std::string& words) {
    failures_.fetch_add(1, std::memory_order_relaxed);
    const std::lock_guard lock(mutex_);
    if (first_failure_.empty()) first_failure_ = words;
}

void load::caller_ended(std::exception_ptr thrown) {
    try {
        if (thrown) std::rethrow_exception(thrown);
    } catch (const std::exception& e) {
        failed(std::string("a caller ended early: ") + e.what());
    }
    const std::lock_guard lock(mutex_);
    if (--callers_ != 0) return;
    ended_ = true;
    ended_at_ = dbxapps::clock::now();
    tokens_after_ = tokens_so_far();
    ended_signal_.notify_all();
}

}  // namespace demo
