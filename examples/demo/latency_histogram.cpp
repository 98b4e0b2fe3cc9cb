#include "latency_histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace demo {

constexpr auto relaxed = std::memory_order_relaxed;

// Values below 2^(bits + 1) have a bucket each; above, the leading bits + 1 binary digits choose.
std::size_t latency_histogram::bucket_of(std::uint64_t value) noexcept {
    const int dropped = std::max(0, static_cast<int>(std::bit_width(value)) - static_cast<int>(bits) - 1);
    return (static_cast<std::size_t>(dropped) << bits) + static_cast<std::size_t>(value >> dropped);
}

std::uint64_t latency_histogram::middle_of(std::size_t bucket) noexcept {
    if (bucket < (std::size_t(2) << bits)) return bucket;
    const std::size_t dropped = (bucket >> bits) - 1;
    const std::uint64_t lowest = static_cast<std::uint64_t>(bucket - (dropped << bits)) << dropped;
    return lowest + (std::uint64_t(1) << dropped) / 2;
}

void latency_histogram::see(std::uint64_t value) noexcept {
    std::uint64_t known = max_.load(relaxed);
    while (value > known && !max_.compare_exchange_weak(known, value, relaxed)) {
    }
}

void latency_histogram::add(std::chrono::nanoseconds latency) noexcept {
    const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(0, latency.count()));
    counts_[bucket_of(value)].fetch_add(1, relaxed);
    see(value);
}

void latency_histogram::add(const latency_histogram& other) noexcept {
    for (std::size_t i = 0; i < counts_.size(); ++i)
        counts_[i].fetch_add(other.counts_[i].load(relaxed), relaxed);
    see(other.max_.load(relaxed));
}

std::uint64_t latency_histogram::count() const noexcept {
    std::uint64_t all = 0;
    for (const auto& each : counts_)
        all += each.load(relaxed);
    return all;
}

std::chrono::nanoseconds latency_histogram::percentile(double share) const noexcept {
    const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count())));
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < counts_.size() && wanted != 0; ++i) {
        below += counts_[i].load(relaxed);
        if (below >= wanted) return std::chrono::nanoseconds(std::min(middle_of(i), max_.load(relaxed)));
    }
    return std::chrono::nanoseconds(0);
}

latencies latency_histogram::summary() const noexcept {
    return {count(), percentile(0.50), percentile(0.99), std::chrono::nanoseconds(max_.load(relaxed))};
}

}  // namespace demo
