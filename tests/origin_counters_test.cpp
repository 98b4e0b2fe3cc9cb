#include <origin_counters.hpp>

#include <gtest/gtest.h>

#include <optional>

namespace dbxapps {
namespace {

using namespace std::chrono_literals;

origin_metrics read(const origin_counters& counters) {
    origin_metrics out;
    counters.read(out);
    return out;
}

TEST(origin_counters, counts_each_call_once_by_how_it_ended) {
    origin_counters c;
    for (const int status : {200, 204, 404, 503, 299})
        c.answered(status, 10ms);
    c.failed(errc::timed_out, 1s);
    c.failed(errc::host_not_allowed, 30ms);
    c.failed(errc::timed_out, 2s);
    const auto m = read(c);
    EXPECT_EQ(m.calls, 8U);
    EXPECT_EQ(m.failures, 3U);
    EXPECT_EQ(m.responses, (std::array<std::uint64_t, 6>{0, 0, 3, 0, 1, 1}));
    EXPECT_EQ(m.failed_as(errc::timed_out), 2U);
    EXPECT_EQ(m.failed_as(errc::host_not_allowed), 1U);
    EXPECT_EQ(m.latency.count(), 8U);
    EXPECT_EQ(m.latency.max(), 2s);
    EXPECT_EQ(m.latency.sum(), 5 * 10ms + 1s + 30ms + 2s);
}

TEST(origin_counters, tells_what_was_sent_again_and_why) {
    origin_counters c;
    c.attempted();
    for (const auto why : {repeat_reason::retry, repeat_reason::retry, repeat_reason::replay, repeat_reason::none}) {
        c.repeats(why);
        c.attempted();
    }
    const auto m = read(c);
    EXPECT_EQ(m.attempts, 5U);
    EXPECT_EQ(m.retries, 2U);
    EXPECT_EQ(m.replays, 1U);
    EXPECT_EQ(m.calls, 0U);
}

TEST(origin_counters, a_call_is_in_flight_for_as_long_as_it_lives) {
    origin_counters c;
    std::optional<origin_counters::call> first, second;
    first.emplace(c);
    second.emplace(c);
    EXPECT_EQ(read(c).in_flight, 2U);
    first.reset();
    EXPECT_EQ(read(c).in_flight, 1U);
    second.reset();
    EXPECT_EQ(read(c).in_flight, 0U);
    EXPECT_EQ(read(c).calls, 0U) << "neither has ended";
}

TEST(origin_counters, statuses_and_codes_that_are_none_are_counted_apart) {
    origin_counters c;
    for (const int status : {0, 99, 600, 999, -1})
        c.answered(status, 1ms);
    c.failed(static_cast<errc>(0), 1ms);
    c.failed(static_cast<errc>(1000), 1ms);
    c.failed(static_cast<errc>(-1), 1ms);
    const auto m = read(c);
    EXPECT_EQ(m.calls, 8U);
    EXPECT_EQ(m.responses[0], 5U);
    EXPECT_EQ(m.failures_by[0], 3U);
}

}  // namespace
}  // namespace dbxapps
