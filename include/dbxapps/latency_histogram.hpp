// How long things took: a histogram that threads share, and the snapshot of one, which tells any quantile.
//
// 16 buckets for each doubling, from 256 ns to 73 minutes, in 4 KiB: a quantile is off by no more than a sixteenth, or
// 256 ns; the sum and the largest are exact. What takes longer is counted in the last bucket. Nothing here throws.
// latency_histogram, shared objects: safe, without a lock. latency_snapshot is a plain value, shared objects: unsafe.
#pragma once

#include <dbxapps/time.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace dbxapps {

namespace detail {

// Durations in units of 256 ns. Those below 32 have a bucket each; above, the five leading binary digits choose.
struct latency_buckets {
    static constexpr int unit = 8, digits = 5, last_digit = 34;
    static constexpr std::size_t half = std::size_t{1} << (digits - 1);
    static constexpr std::size_t count = (last_digit - digits + 2) * half;

    static constexpr std::size_t of(std::uint64_t ns) noexcept {
        const std::uint64_t units = std::min(ns >> unit, (std::uint64_t{1} << last_digit) - 1);
        const auto dropped = static_cast<unsigned>(std::bit_width(units | half) - digits);
        return dropped * half + static_cast<std::size_t>(units >> dropped);
    }
    static constexpr std::uint64_t lowest_of(std::size_t bucket) noexcept {  // in ns
        if (bucket < half) return std::uint64_t{bucket} << unit;
        const std::size_t dropped = bucket / half - 1;
        return std::uint64_t{bucket - dropped * half} << (dropped + unit);
    }
};

}  // namespace detail

class latency_snapshot {
public:
    std::uint64_t count() const noexcept;
    duration sum() const noexcept { return std::chrono::nanoseconds(sum_); }
    duration max() const noexcept { return std::chrono::nanoseconds(max_); }
    // What the share `q` of them, 0 to 1, did not exceed; 0 when there are none.
    duration quantile(double q) const noexcept;
    // How many took no longer than that; what took up to a sixteenth longer may be among them.
    std::uint64_t within(duration) const noexcept;
    latency_snapshot& operator+=(const latency_snapshot&) noexcept;

private:
    friend class latency_histogram;
    std::array<std::uint64_t, detail::latency_buckets::count> counts_{};
    std::uint64_t sum_ = 0, max_ = 0;
};

class latency_histogram {
public:
    void record(duration took) noexcept {  // less than nothing is taken as nothing
        const auto signed_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(took).count();
        const auto ns = static_cast<std::uint64_t>(std::max<std::int64_t>(signed_ns, 0));
        counts_[detail::latency_buckets::of(ns)].fetch_add(1, std::memory_order_relaxed);
        sum_.fetch_add(ns, std::memory_order_relaxed);
        if (ns > max_.load(std::memory_order_relaxed)) raise_max(ns);
    }
    // Taken while others record, it may have a call's count and not yet its time.
    latency_snapshot snapshot() const noexcept;

private:
    void raise_max(std::uint64_t ns) noexcept;

    std::array<std::atomic<std::uint64_t>, detail::latency_buckets::count> counts_{};
    std::atomic<std::uint64_t> sum_{0}, max_{0};
};

}  // namespace dbxapps
