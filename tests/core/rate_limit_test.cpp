#include <core/rate_limit.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace dbxapps::core {
namespace {

using namespace std::chrono_literals;

constexpr time_point at(duration d) { return time_point(100h + d); }
constexpr time_point never = time_point::max();

TEST(rate_limit, gives_turns_one_after_the_other) {
    rate_limit r(10, 1);
    for (int n = 0; n < 5; ++n)
        EXPECT_EQ(r.take(at(0s), never), at(100ms * n)) << n;
}

TEST(rate_limit, after_a_quiet_time_lets_a_burst_go_at_once) {
    rate_limit r(10, 3);
    for (int n = 0; n < 3; ++n)
        EXPECT_EQ(r.take(at(0s), never), at(0s)) << n;
    EXPECT_EQ(r.take(at(0s), never), at(100ms));
    EXPECT_EQ(r.take(at(200ms), never), at(200ms));
    EXPECT_EQ(r.take(at(10s), never), at(10s));
    EXPECT_EQ(r.take(at(10s), never), at(10s));
    EXPECT_EQ(r.take(at(10s), never), at(10s));
    EXPECT_EQ(r.take(at(10s), never), at(10100ms)) << "a quiet time saves up no more than the burst";
}

TEST(rate_limit, takes_no_turn_that_would_come_too_late) {
    rate_limit r(1, 1);
    EXPECT_EQ(r.take(at(0s), at(5s)), at(0s));
    EXPECT_EQ(r.take(at(0s), at(1s)), std::nullopt);
    EXPECT_EQ(r.take(at(0s), at(1001ms)), at(1s)) << "the one refused has taken nothing";
    EXPECT_EQ(r.take(at(5s), at(5s)), at(5s)) << "whether a deadline has passed is not its business";
}

TEST(rate_limit, no_window_of_time_has_more_than_its_share) {
    std::mt19937_64 random(7);
    for (int round = 0; round < 50; ++round) {
        const double rate = 1 + static_cast<double>(random() % 1000), burst = 1 + static_cast<double>(random() % 20);
        rate_limit r(rate, burst);
        std::vector<time_point> turns;
        time_point now = at(0s);
        for (int n = 0; n < 200; ++n) {
            now += duration(random() % 10'000'000);
            turns.push_back(*r.take(now, never));
            ASSERT_GE(turns.back(), now);
        }
        ASSERT_TRUE(std::is_sorted(turns.begin(), turns.end()));
        for (std::size_t from = 0; from < turns.size(); ++from) {
            for (std::size_t to = from; to < turns.size(); ++to) {
                const double seconds = std::chrono::duration<double>(turns[to] - turns[from]).count();
                ASSERT_LE(static_cast<double>(to - from + 1), burst + seconds * rate + 0.001);
            }
        }
    }
}

}  // namespace
}  // namespace dbxapps::core
