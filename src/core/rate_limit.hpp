// When may the next request go, so that there are no more than so many per second? A pure machine (a token bucket, kept
// as the time at which it will be full again).
//
// Turns are given in the order in which they are asked for.
#pragma once

#include <dbxapps/time.hpp>

#include <optional>

namespace dbxapps::core {

class rate_limit {
public:
    // `per_second` > 0; `burst` >= 1: so many may go at once after a quiet time.
    rate_limit(double per_second, double burst) noexcept;
    // The time of this request's turn, now or later. Nothing, and nothing taken, when that is not before `latest`.
    std::optional<time_point> take(time_point now, time_point latest) noexcept;

private:
    duration each_;
    duration ahead_;  // how far full_ may be ahead of now when a request goes
    time_point full_ = time_point::min();
};

}  // namespace dbxapps::core
