#include <core/reuse_rule.hpp>

#include <gtest/gtest.h>

#include <random>
#include <sstream>

namespace dbxapps::core {
namespace {

using namespace std::chrono_literals;

exchange_end good_end() {
    return {.message_complete = true,
            .keep_alive = true,
            .bytes_pending = false,
            .peek_wants_read = true,
            .in_time = true,
            .age = 1min};
}

reuse_verdict after(void (*spoil)(exchange_end&)) {
    auto end = good_end();
    spoil(end);
    return judge_reuse(end, {});
}

TEST(reuse_rule, a_connection_in_order_is_kept) { EXPECT_EQ(judge_reuse(good_end(), {}), reuse_verdict::keep); }

TEST(reuse_rule, nothing_known_means_no_reuse) { EXPECT_NE(judge_reuse({}, {}), reuse_verdict::keep); }

TEST(reuse_rule, each_flaw_has_its_verdict) {
    EXPECT_EQ(after([](exchange_end& end) { end.in_time = false; }), reuse_verdict::ended);
    EXPECT_EQ(after([](exchange_end& end) { end.message_complete = false; }), reuse_verdict::incomplete);
    EXPECT_EQ(after([](exchange_end& end) { end.keep_alive = false; }), reuse_verdict::not_kept);
    EXPECT_EQ(after([](exchange_end& end) { end.bytes_pending = true; }), reuse_verdict::stray_bytes);
    EXPECT_EQ(after([](exchange_end& end) { end.peek_wants_read = false; }), reuse_verdict::dead);
    EXPECT_EQ(after([](exchange_end& end) { end.age = 2h; }), reuse_verdict::too_old);
}

TEST(reuse_rule, a_connection_may_grow_exactly_as_old_as_its_limit) {
    EXPECT_EQ(after([](exchange_end& end) { end.age = 1h; }), reuse_verdict::keep);
    EXPECT_EQ(after([](exchange_end& end) { end.age = 1h + 1ns; }), reuse_verdict::too_old);
}

TEST(reuse_rule, a_deadline_explains_all_that_it_broke) {
    EXPECT_EQ(judge_reuse({.age = 2h}, {}), reuse_verdict::ended);
}

constexpr unsigned seeds = 100;
constexpr int rounds = 10'000;  // of each seed: a million events for each rule

// One random end of an exchange, against the rule as a list of flaws in order.
void judge_one_end(std::mt19937& random) {
    const reuse_verdict order[] = {reuse_verdict::ended,       reuse_verdict::incomplete, reuse_verdict::not_kept,
                                   reuse_verdict::stray_bytes, reuse_verdict::dead,       reuse_verdict::too_old};
    const auto flaws = random() % 64;
    const reuse_limits limits{.age_within = duration(random() % 1000)};
    const auto beyond = static_cast<duration::rep>(random() % 1000);
    const exchange_end end{.message_complete = (flaws & 2) == 0,
                           .keep_alive = (flaws & 4) == 0,
                           .bytes_pending = (flaws & 8) != 0,
                           .peek_wants_read = (flaws & 16) == 0,
                           .in_time = (flaws & 1) == 0,
                           .age = limits.age_within + duration((flaws & 32) != 0 ? 1 + beyond : -beyond)};
    auto expected = reuse_verdict::keep;
    for (unsigned flaw = 6; flaw-- > 0;)
        if ((flaws >> flaw & 1) != 0) expected = order[flaw];
    ASSERT_EQ(judge_reuse(end, limits), expected) << "flaws " << flaws << ", age " << end.age.count();
}

TEST(reuse_rule, the_first_flaw_in_order_wins_in_a_million_random_ends) {
    for (unsigned seed = 1; seed <= seeds && !testing::Test::HasFailure(); ++seed) {
        std::mt19937 random(seed);
        for (int round = 0; round < rounds; ++round) {
            judge_one_end(random);
            if (HasFatalFailure()) FAIL() << "seed " << seed << ", round " << round;
        }
    }
}

TEST(reuse_rule, a_connection_idle_for_a_millisecond_at_most_is_used_without_a_look) {
    EXPECT_EQ(judge_checkout(0s, true, {}), checkout_verdict::use);
    EXPECT_EQ(judge_checkout(1ms, true, {}), checkout_verdict::use);
    EXPECT_EQ(judge_checkout(1ms + 1ns, true, {}), checkout_verdict::look);
}

TEST(reuse_rule, a_request_that_may_not_repeat_is_worth_a_look_every_time) {
    EXPECT_EQ(judge_checkout(0s, false, {}), checkout_verdict::look);
    EXPECT_EQ(judge_checkout(25s + 1ns, false, {}), checkout_verdict::drop);
}

TEST(reuse_rule, a_connection_idle_for_over_25_seconds_is_dropped) {
    EXPECT_EQ(judge_checkout(25s, true, {}), checkout_verdict::look);
    EXPECT_EQ(judge_checkout(25s + 1ns, true, {}), checkout_verdict::drop);
}

TEST(reuse_rule, the_limit_of_idleness_holds_even_where_no_look_is_asked_for) {
    const reuse_limits limits{.idle_within = 2s, .look_again_after = 10s};
    EXPECT_EQ(judge_checkout(2s, true, limits), checkout_verdict::use);
    EXPECT_EQ(judge_checkout(3s, true, limits), checkout_verdict::drop);
}

TEST(reuse_rule, longer_idleness_is_never_judged_more_mildly_in_a_million_random_checkouts) {
    for (unsigned seed = 1; seed <= seeds; ++seed) {
        std::mt19937 random(seed);
        for (int round = 0; round < rounds; ++round) {
            const reuse_limits limits{.idle_within = duration(random() % 100),
                                      .look_again_after = duration(random() % 100)};
            const duration idle(random() % 120);
            const auto verdict = judge_checkout(idle, true, limits);
            auto expected = idle > limits.look_again_after ? checkout_verdict::look : checkout_verdict::use;
            if (idle > limits.idle_within) expected = checkout_verdict::drop;
            ASSERT_EQ(verdict, expected) << "seed " << seed << ", round " << round;
            ASSERT_LE(verdict, judge_checkout(idle + 1ns, true, limits)) << "seed " << seed << ", round " << round;
        }
    }
}

TEST(reuse_rule, verdicts_print_as_words) {
    std::ostringstream out;
    for (const auto verdict :
         {reuse_verdict::keep, reuse_verdict::incomplete, reuse_verdict::not_kept, reuse_verdict::stray_bytes,
          reuse_verdict::dead, reuse_verdict::ended, reuse_verdict::too_old})
        out << verdict << ", ";
    out << checkout_verdict::use << ", " << checkout_verdict::look << ", " << checkout_verdict::drop;
    EXPECT_EQ(out.str(), "keep, incomplete, not kept, stray bytes, dead, ended, too old, use, look, drop");
}

}  // namespace
}  // namespace dbxapps::core
