// Counts latencies in buckets of fixed relative width, so that a percentile is exact to one percent.
//
// 64 buckets for each doubling, from 1 ns up; the largest value is kept exactly. Shared objects: safe.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace demo {

struct latencies {
    std::uint64_t calls = 0;
    std::chrono::nanoseconds p50{0}, p99{0}, max{0};  // 0 when there were no calls
};

class latency_histogram {
public:
    void add(std::chrono::nanoseconds) noexcept;
    void add(const latency_histogram&) noexcept;

    std::uint64_t count() const noexcept;
    // The smallest latency that `share` of the calls did not exceed; 0 when there were none.
    std::chrono::nanoseconds percentile(double share) const noexcept;
    latencies summary() const noexcept;

private:
    static constexpr unsigned bits = 6;  // 2^6 buckets for each doubling
    static constexpr std::size_t buckets = (64 - bits) << bits;
    static std::size_t bucket_of(std::uint64_t) noexcept;
    static std::uint64_t middle_of(std::size_t) noexcept;
    void see(std::uint64_t) noexcept;

    std::array<std::atomic<std::uint64_t>, buckets + (std::size_t(1) << bits)> counts_{};
    std::atomic<std::uint64_t> max_{0};
};

}  // namespace demo
