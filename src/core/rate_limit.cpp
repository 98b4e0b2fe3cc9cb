#include <core/rate_limit.hpp>

#include <algorithm>
#include <chrono>

namespace dbxapps::core {

rate_limit::rate_limit(double per_second, double burst) noexcept
    : each_(std::chrono::duration_cast<duration>(std::chrono::duration<double>(1 / per_second))),
      ahead_(std::chrono::duration_cast<duration>(std::chrono::duration<double>((burst - 1) / per_second))) {}

std::optional<time_point> rate_limit::take(time_point now, time_point latest) noexcept {
    const time_point full = std::max(full_, now);
    const time_point turn = std::max(now, full - ahead_);
    if (turn > now && turn >= latest) return std::nullopt;
    full_ = full + each_;
    return turn;
}

}  // namespace dbxapps::core
