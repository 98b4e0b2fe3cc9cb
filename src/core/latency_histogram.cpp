#include <dbxapps/latency_histogram.hpp>

#include <cmath>
#include <numeric>

namespace dbxapps {

using buckets = detail::latency_buckets;

std::uint64_t latency_snapshot::count() const noexcept {
    return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
}

// Those of one bucket are taken to lie evenly in it.
duration latency_snapshot::quantile(double q) const noexcept {
    const double all = static_cast<double>(count());
    const double rank = std::max(1.0, std::ceil(std::min(q, 1.0) * all));
    double below = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        const double here = static_cast<double>(counts_[i]);
        if (here == 0 || below + here < rank) {
            below += here;
            continue;
        }
        const std::uint64_t lowest = buckets::lowest_of(i);
        const double width = static_cast<double>(buckets::lowest_of(i + 1) - lowest);
        const auto inside = static_cast<std::uint64_t>(width * (rank - below - 0.5) / here);
        // While others record, the largest may not be known yet.
        return std::chrono::nanoseconds(std::max(lowest, std::min(lowest + inside, max_)));
    }
    return duration::zero();
}

std::uint64_t latency_snapshot::within(duration d) const noexcept {
    if (d < duration::zero()) return 0;
    const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(d).count();
    const auto end = counts_.begin() + static_cast<std::ptrdiff_t>(buckets::of(static_cast<std::uint64_t>(ns))) + 1;
    return std::accumulate(counts_.begin(), end, std::uint64_t{0});
}

latency_snapshot& latency_snapshot::operator+=(const latency_snapshot& other) noexcept {
    for (std::size_t i = 0; i < counts_.size(); ++i)
        counts_[i] += other.counts_[i];
    sum_ += other.sum_;
    max_ = std::max(max_, other.max_);
    return *this;
}

latency_snapshot latency_histogram::snapshot() const noexcept {
    latency_snapshot out;
    for (std::size_t i = 0; i < counts_.size(); ++i)
        out.counts_[i] = counts_[i].load(std::memory_order_relaxed);
    out.sum_ = sum_.load(std::memory_order_relaxed);
    out.max_ = max_.load(std::memory_order_relaxed);
    return out;
}

void latency_histogram::raise_max(std::uint64_t ns) noexcept {
    std::uint64_t known = max_.load(std::memory_order_relaxed);
    while (ns > known && !max_.compare_exchange_weak(known, ns, std::memory_order_relaxed)) {
    }
}

}  // namespace dbxapps
