// How long calls took, and the quantiles of that.
#pragma once

#include "usage.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace bench {

using latencies = std::vector<std::uint32_t>;  // ns

inline std::uint32_t ns(clock::duration d) {
    return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(d).count());
}

inline double quantile_us(latencies& all, double q) {
    if (all.empty()) return 0;
    const auto at = all.begin() + static_cast<std::ptrdiff_t>(q * static_cast<double>(all.size() - 1));
    std::nth_element(all.begin(), at, all.end());
    return *at / 1e3;
}

}  // namespace bench
