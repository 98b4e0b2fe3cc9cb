#include <origin_health.hpp>

#include <chrono>
#include <string>

namespace dbxapps {

std::optional<failure> origin_health::refuses(time_point now) {
    if (calm_.load(std::memory_order_relaxed)) return std::nullopt;
    std::lock_guard lock(mutex_);
    if (circuit_.let_through(now)) return std::nullopt;
    const auto wait = circuit_.wait(now);
    const auto ms = std::chrono::ceil<std::chrono::milliseconds>(wait).count();
    failure why(errc::circuit_open, "not sent, as nothing answered the last " + std::to_string(circuit_.failures()) +
                                        " attempts (the last ended as " + std::string(to_string(last_)) +
                                        "); it is tried again in " + std::to_string(ms) +
                                        " ms; see to the app, or change client_options::circuit");
    why.retry_after = wait;
    return why;
}

circuit_state origin_health::state(time_point now) const {
    std::lock_guard lock(mutex_);
    if (!circuit_.open()) return circuit_state::closed;
    return circuit_.looks(now) ? circuit_state::half_open : circuit_state::open;
}

std::optional<duration> origin_health::hedge_after() noexcept {
    std::lock_guard lock(mutex_);
    return hedge_.begin(counters.latency());
}

bool origin_health::may_hedge() noexcept {
    std::lock_guard lock(mutex_);
    return !paced_ && !circuit_.open() && hedge_.spend();
}

std::optional<duration> origin_health::turn(time_point now, time_point deadline) noexcept {
    std::lock_guard lock(mutex_);
    const auto at = rate_->take(now, deadline);
    return at ? std::optional(*at - now) : std::nullopt;
}

core::retry_verdict origin_health::judge(const core::attempt_facts& facts, reach shown, errc code, time_point began,
                                         time_point now, std::uint64_t random) noexcept {
    std::lock_guard lock(mutex_);
    if (shown == reach::up) circuit_.went_well();
    if (shown == reach::unknown) circuit_.said_nothing(began, now);
    if (shown == reach::down) {
        last_ = code;
        circuit_.went_badly(began, now);
    }
    const bool no_use = circuit_.open() && shown == reach::down;
    const auto verdict = no_use ? core::retry_verdict() : core::judge(facts, rules_, budget_, random);
    note();
    return verdict;
}

}  // namespace dbxapps
