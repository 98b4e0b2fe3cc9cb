// What is counted of the calls of one origin. Thread-safe, without a lock; see origin_metrics.
#pragma once

#include <dbxapps/attempt_event.hpp>
#include <dbxapps/metrics.hpp>

#include <atomic>
#include <cstdint>

namespace dbxapps {

class origin_counters {
public:
    // In flight for as long as it lives: a call may be destroyed with its io_context, and then has not ended.
    class call {
    public:
        call() noexcept = default;
        explicit call(origin_counters& of) noexcept { begin(of); }
        ~call() {
            if (of_) of_->in_flight_.fetch_sub(1, std::memory_order_relaxed);
        }
        void begin(origin_counters& of) noexcept {  // once
            of_ = &of;
            add(of.in_flight_);
        }
        call(const call&) = delete;
        call& operator=(const call&) = delete;

    private:
        origin_counters* of_ = nullptr;
    };

    void attempted() noexcept { add(attempts_); }
    void repeats(repeat_reason) noexcept;
    void answered(int status, duration took) noexcept {
        const auto first_digit = static_cast<std::size_t>(status / 100);
        add(responses_[first_digit < responses_.size() ? first_digit : 0]);
        latency_.record(took);
    }
    void failed(errc, duration took) noexcept;

    const latency_histogram& latency() const noexcept { return latency_; }
    // Fills in all but the origin's name, its connections, resends and circuit.
    void read(origin_metrics&) const noexcept;

private:
    using counter = std::atomic<std::uint64_t>;
    static void add(counter& n) noexcept { n.fetch_add(1, std::memory_order_relaxed); }

    counter in_flight_{0}, attempts_{0}, retries_{0}, replays_{0};
    std::array<counter, 6> responses_{};
    std::array<counter, origin_metrics::codes> failures_{};
    latency_histogram latency_;
};

}  // namespace dbxapps
