#include <origin_counters.hpp>

#include <algorithm>
#include <numeric>

namespace dbxapps {

void origin_counters::repeats(repeat_reason why) noexcept {
    if (why == repeat_reason::retry) add(retries_);
    if (why == repeat_reason::replay) add(replays_);
}

void origin_counters::failed(errc code, duration took) noexcept {
    const auto i = static_cast<std::size_t>(code);
    add(failures_[i < failures_.size() ? i : 0]);
    latency_.record(took);
}

void origin_counters::read(origin_metrics& out) const noexcept {
    const auto load = [](const counter& n) { return n.load(std::memory_order_relaxed); };
    out.in_flight = load(in_flight_);
    out.attempts = load(attempts_);
    out.retries = load(retries_);
    out.replays = load(replays_);
    std::transform(responses_.begin(), responses_.end(), out.responses.begin(), load);
    std::transform(failures_.begin(), failures_.end(), out.failures_by.begin(), load);
    out.failures = std::accumulate(out.failures_by.begin(), out.failures_by.end(), std::uint64_t{0});
    out.calls = std::accumulate(out.responses.begin(), out.responses.end(), out.failures);
    out.latency = latency_.snapshot();
}

}  // namespace dbxapps
