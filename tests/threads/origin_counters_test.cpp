// Many threads count at once, while one reads.
#include <origin_counters.hpp>

#include <gtest/gtest.h>

#include <latch>
#include <thread>
#include <vector>

namespace dbxapps {
namespace {

constexpr std::uint64_t threads = 4, calls = 500'000;  // of each

void count(origin_counters& c, std::uint64_t thread) {
    for (std::uint64_t n = 0; n < calls; ++n) {
        const origin_counters::call counted(c);
        c.attempted();
        const auto took = std::chrono::microseconds(n % 100 * (thread + 1));
        if (n % 10 == 0) {
            c.repeats(repeat_reason::retry);
            c.failed(errc::timed_out, took);
        } else {
            c.answered(200, took);
        }
    }
}

void expect_all(const origin_metrics& m) {
    EXPECT_EQ(m.calls, threads * calls);
    EXPECT_EQ(m.failed_as(errc::timed_out), threads * calls / 10);
    EXPECT_EQ(m.retries, threads * calls / 10);
    EXPECT_EQ(m.attempts, threads * calls);
    EXPECT_EQ(m.in_flight, 0U);
    EXPECT_EQ(m.latency.count(), threads * calls);
    EXPECT_EQ(m.latency.max(), std::chrono::microseconds(99 * threads));
    EXPECT_EQ(m.latency.sum(), std::chrono::microseconds(calls / 100 * (99 * 100 / 2) * (1 + 2 + 3 + 4)));
}

TEST(origin_counters_of_many_threads, lose_nothing) {
    origin_counters c;
    origin_metrics m;
    {
        std::latch together(threads);
        std::vector<std::jthread> running;
        for (std::uint64_t thread = 0; thread < threads; ++thread)
            running.emplace_back([&, thread] {
                together.arrive_and_wait();  // else one is done before the next is scheduled
                count(c, thread);
            });
        std::uint64_t before = 0;
        for (int n = 0; n < 100; ++n) {
            c.read(m);
            EXPECT_GE(m.calls, before);
            before = m.calls;
        }
    }
    c.read(m);
    expect_all(m);
}

}  // namespace
}  // namespace dbxapps
