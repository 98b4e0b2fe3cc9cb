#include <core/retry_policy.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <tuple>

namespace dbxapps::core {
namespace {

using namespace std::chrono_literals;
using step = retry_verdict::step;

constexpr std::uint64_t highest = ~std::uint64_t{0};
constexpr retry_verdict stop{};
constexpr retry_verdict replay{step::with_new_token};
constexpr retry_verdict at_once{step::again_now};
constexpr retry_verdict again_in(duration delay) { return {step::again_later, delay}; }

// Exhaustive. One row for each set of the flags fresh, written, repeatable, response_started, resent_before; one column
// for each fault in the order of its enumerators.
constexpr struct {
    const char* flags;
    const char* by_fault;
} resend_table[] = {
    {"-----", "yyyy"}, {"----B", "yyyy"}, {"---S-", "yyyy"}, {"---SB", "yyyy"}, {"--R--", "yyyy"}, {"--R-B", "yyyy"},
    {"--RS-", "yyyy"}, {"--RSB", "yyyy"}, {"-W---", "nnnn"}, {"-W--B", "nnnn"}, {"-W-S-", "nnnn"}, {"-W-SB", "nnnn"},
    {"-WR--", "yyyn"}, {"-WR-B", "nnnn"}, {"-WRS-", "nnnn"}, {"-WRSB", "nnnn"}, {"F----", "nnnn"}, {"F---B", "nnnn"},
    {"F--S-", "nnnn"}, {"F--SB", "nnnn"}, {"F-R--", "nnnn"}, {"F-R-B", "nnnn"}, {"F-RS-", "nnnn"}, {"F-RSB", "nnnn"},
    {"FW---", "nnnn"}, {"FW--B", "nnnn"}, {"FW-S-", "nnnn"}, {"FW-SB", "nnnn"}, {"FWR--", "nnnn"}, {"FWR-B", "nnnn"},
    {"FWRS-", "nnnn"}, {"FWRSB", "nnnn"},
};

TEST(resend_rule, agrees_with_the_table_for_all_128_sets_of_facts) {
    std::set<std::string> seen;
    for (const auto& [flags, by_fault] : resend_table) {
        ASSERT_TRUE(seen.insert(flags).second) << flags;
        for (int fault = 0; fault < 4; ++fault) {
            const resend_facts facts{.fresh = flags[0] == 'F',
                                     .written = flags[1] == 'W',
                                     .repeatable = flags[2] == 'R',
                                     .response_started = flags[3] == 'S',
                                     .fault = static_cast<connection_fault>(fault),
                                     .resent_before = flags[4] == 'B'};
            EXPECT_EQ(may_resend(facts), by_fault[fault] == 'y') << flags << " after " << facts.fault;
        }
    }
    EXPECT_EQ(seen.size(), 32U);
}

TEST(resend_rule, faults_print_as_words) {
    std::ostringstream out;
    out << connection_fault::end_of_stream << ", " << connection_fault::broken_pipe << ", " << connection_fault::reset
        << ", " << connection_fault::other;
    EXPECT_EQ(out.str(), "end of stream, broken pipe, reset, other");
}

TEST(full_jitter, covers_its_whole_span_and_no_more) {
    EXPECT_EQ(full_jitter(100ms, 0, 10s, 0), 0ms);
    EXPECT_EQ(full_jitter(100ms, 0, 10s, highest), 100ms);
    EXPECT_EQ(full_jitter(100ms, 3, 10s, highest), 800ms);
    EXPECT_EQ(full_jitter(100ms, 3, 10s, highest / 2 + 1), 400ms);
}

TEST(full_jitter, doubles_up_to_its_limit_without_overflow) {
    EXPECT_EQ(full_jitter(100ms, 7, 10s, highest), 10s);
    EXPECT_EQ(full_jitter(100ms, 1'000'000'000, 10s, highest), 10s);
    EXPECT_EQ(full_jitter(1ns, 1'000'000'000, duration::max(), highest), duration::max());
    EXPECT_EQ(full_jitter(20s, 0, 10s, highest), 10s);
}

TEST(full_jitter, of_nothing_is_nothing) {
    EXPECT_EQ(full_jitter(0s, 1'000'000'000, 10s, highest), 0s);
    EXPECT_EQ(portion_of(-1s, highest), 0s);
}

TEST(retry_budget, spends_its_burst_and_then_what_it_earns) {
    retry_budget budget(retry_rules{.budget_ratio = 0.25, .budget_burst = 2});
    EXPECT_TRUE(budget.spend());
    EXPECT_TRUE(budget.spend());
    EXPECT_FALSE(budget.spend());
    for (int call = 0; call < 3; ++call)
        budget.earn();
    EXPECT_FALSE(budget.spend());
    EXPECT_DOUBLE_EQ(budget.balance(), 0.75);
    budget.earn();
    EXPECT_TRUE(budget.spend());
}

TEST(retry_budget, saves_up_no_more_than_its_burst) {
    retry_budget budget(retry_rules{.budget_ratio = 0.75, .budget_burst = 3});
    for (int call = 0; call < 100; ++call)
        budget.earn();
    EXPECT_DOUBLE_EQ(budget.balance(), 3);
}

// A judge with ten retries per call and a budget that lasts.
struct court {
    retry_rules rules{.max_retries = 10, .budget_burst = 100};
    retry_budget budget{rules};
    retry_verdict operator()(const attempt_facts& attempt, std::uint64_t random = highest) {
        return judge(attempt, rules, budget, random);
    }
};

attempt_facts busy() { return {.outcome = attempt_outcome::busy, .repeatable = true, .time_left = 1min}; }

attempt_facts refused_token() {
    return {.outcome = attempt_outcome::token_refused,
            .repeatable = true,
            .app_saw_nothing = true,
            .token_replaceable = true,
            .time_left = 1min};
}

TEST(retry_policy, an_answer_or_a_plain_failure_is_the_outcome) {
    for (auto attempt = busy(); const auto outcome : {attempt_outcome::answered, attempt_outcome::failed}) {
        attempt.outcome = outcome;
        EXPECT_EQ(court{}(attempt), stop);
    }
}

TEST(retry_policy, without_a_number_of_retries_there_are_none) {
    court judge;
    judge.rules.max_retries = 0;
    EXPECT_EQ(judge(busy()), stop);
}

TEST(retry_policy, only_a_connect_failure_is_retried_for_a_request_that_may_not_repeat) {
    for (const auto& [outcome, once, repeatable] :
         {std::tuple{attempt_outcome::busy, stop, again_in(100ms)},
          std::tuple{attempt_outcome::lost_in_transit, stop, again_in(100ms)},
          std::tuple{attempt_outcome::connect_failed, again_in(100ms), again_in(100ms)}}) {
        attempt_facts attempt{.outcome = outcome, .time_left = 1min};
        EXPECT_EQ(court{}(attempt), once) << outcome;
        attempt.repeatable = true;
        EXPECT_EQ(court{}(attempt), repeatable) << outcome;
    }
}

TEST(retry_policy, delays_double_up_to_ten_seconds_with_full_jitter) {
    court judge;
    auto attempt = busy();
    for (const duration delay : {100ms, 200ms, 400ms, 800ms, 1600ms, 3200ms, 6400ms, 10000ms, 10000ms}) {
        EXPECT_EQ(judge(attempt), again_in(delay));
        EXPECT_EQ(judge(attempt, highest / 2 + 1), again_in(delay / 2));
        EXPECT_EQ(judge(attempt, 0), at_once);
        ++attempt.retries_before;
    }
}

TEST(retry_policy, a_call_has_only_so_many_retries) {
    auto attempt = busy();
    attempt.retries_before = 10;
    EXPECT_EQ(court{}(attempt), stop);
}

TEST(retry_policy, retry_after_is_a_lower_bound) {
    auto attempt = busy();
    attempt.retry_after = 5s;
    EXPECT_EQ(court{}(attempt), again_in(5s));
    attempt.retry_after = 1ms;
    EXPECT_EQ(court{}(attempt), again_in(100ms));
    attempt.retry_after = -5s;
    EXPECT_EQ(court{}(attempt, 0), at_once);
}

TEST(retry_policy, a_wait_that_does_not_fit_into_the_time_left_is_not_begun) {
    court judge;
    auto attempt = busy();
    attempt.time_left = 100ms;
    EXPECT_EQ(judge(attempt), stop);
    attempt.time_left = 100ms + 1ns;
    EXPECT_EQ(judge(attempt), again_in(100ms));
    attempt.retry_after = 1s;
    EXPECT_EQ(judge(attempt), stop);
    EXPECT_DOUBLE_EQ(judge.budget.balance(), 99);
}

TEST(retry_policy, no_time_left_means_no_retry_even_at_once) {
    auto attempt = busy();
    attempt.time_left = 0s;
    EXPECT_EQ(court{}(attempt, 0), stop);
}

TEST(retry_policy, an_empty_budget_stops) {
    court judge;
    judge.budget = retry_budget({.budget_burst = 1});
    EXPECT_EQ(judge(busy()), again_in(100ms));
    EXPECT_EQ(judge(busy()), stop);
}

TEST(retry_policy, a_refused_token_is_replaced_once_free_of_charge) {
    court judge;
    judge.rules.max_retries = 0;
    EXPECT_EQ(judge(refused_token()), replay);
    EXPECT_DOUBLE_EQ(judge.budget.balance(), 100);
    auto attempt = refused_token();
    attempt.replayed_before = true;
    EXPECT_EQ(judge(attempt), stop);
}

TEST(retry_policy, a_refused_token_is_the_outcome_without_a_newer_one_or_without_time) {
    auto attempt = refused_token();
    attempt.token_replaceable = false;
    EXPECT_EQ(court{}(attempt), stop);
    attempt = refused_token();
    attempt.time_left = 0s;
    EXPECT_EQ(court{}(attempt), stop);
}

TEST(retry_policy, a_replay_needs_a_repeatable_request_or_proof_that_the_app_saw_nothing) {
    auto attempt = refused_token();
    attempt.repeatable = false;
    EXPECT_EQ(court{}(attempt), replay);
    attempt.app_saw_nothing = false;
    EXPECT_EQ(court{}(attempt), stop);
    attempt.repeatable = true;
    EXPECT_EQ(court{}(attempt), replay);
}

TEST(retry_policy, outcomes_and_verdicts_print_as_words) {
    std::ostringstream out;
    for (const auto outcome :
         {attempt_outcome::answered, attempt_outcome::token_refused, attempt_outcome::busy,
          attempt_outcome::connect_failed, attempt_outcome::lost_in_transit, attempt_outcome::failed})
        out << outcome << ", ";
    out << stop << ", " << replay << ", " << at_once << ", " << again_in(7ns);
    EXPECT_EQ(out.str(),
              "answered, token refused, busy, connect failed, lost in transit, failed, "
              "stop, with new token, again now, again later after 7 ns");
}

attempt_facts any_attempt(std::mt19937_64& random) {
    attempt_facts attempt{.outcome = static_cast<attempt_outcome>(random() % 6),
                          .app_saw_nothing = random() % 2 == 0,
                          .token_replaceable = random() % 4 != 0,
                          .time_left = duration(random() % 100'000'000'000)};
    if (random() % 4 == 0) attempt.retry_after = duration(random() % 50'000'000'000);
    return attempt;
}

struct call_counts {
    int judged = 0;
    int retries = 0;
    int replays = 0;
};

// One call from its first attempt to its outcome, checked at each step.
call_counts one_call(const retry_rules& rules, retry_budget& budget, std::mt19937_64& random) {
    call_counts counts;
    const bool repeatable = random() % 2 == 0;
    for (;;) {
        auto attempt = any_attempt(random);
        attempt.repeatable = repeatable;
        attempt.retries_before = counts.retries;
        attempt.replayed_before = counts.replays != 0;
        const bool may_have_arrived = attempt.outcome != attempt_outcome::connect_failed;
        const auto verdict = judge(attempt, rules, budget, random());
        ++counts.judged;
        if (verdict.next == step::stop) return counts;
        EXPECT_GT(attempt.time_left, verdict.delay);
        if (verdict.next == step::with_new_token) {
            EXPECT_TRUE(repeatable || attempt.app_saw_nothing);
            EXPECT_EQ(attempt.outcome, attempt_outcome::token_refused);
            ++counts.replays;
            continue;
        }
        EXPECT_TRUE(repeatable || !may_have_arrived);
        EXPECT_EQ(verdict.next == step::again_now, verdict.delay == 0s);
        const auto most = std::min<std::int64_t>(rules.max_delay.count(), rules.first_delay.count() << counts.retries);
        const auto least = attempt.retry_after.value_or(0s);
        EXPECT_GE(verdict.delay, least);
        EXPECT_LE(verdict.delay, std::max(duration(most), least));
        ++counts.retries;
    }
}

TEST(retry_policy_random, every_run_of_a_million_calls_keeps_its_bounds) {
    int judged = 0, all_retries = 0, all_replays = 0, starved = 0;
    for (std::uint64_t seed = 1; seed <= 100 && !::testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937_64 random(seed);
        const retry_rules rules{.max_retries = static_cast<int>(random() % 5),
                                .first_delay = duration(random() % 1'000'000'000),
                                .budget_ratio = static_cast<double>(random() % 8) / 16,
                                .budget_burst = static_cast<double>(random() % 20)};
        retry_budget budget(rules);
        int retries = 0;
        for (int calls = 1; calls <= 10'000; ++calls) {
            budget.earn();
            const auto counts = one_call(rules, budget, random);
            judged += counts.judged;
            retries += counts.retries;
            all_replays += counts.replays;
            starved += budget.balance() < 1 ? 1 : 0;
            ASSERT_LE(counts.retries, rules.max_retries);
            ASSERT_LE(counts.replays, 1);
            ASSERT_LE(retries, rules.budget_burst + rules.budget_ratio * calls);
        }
        all_retries += retries;
    }
    EXPECT_GE(judged, 1'000'000);
    EXPECT_GT(all_retries, 10000);
    EXPECT_GT(all_replays, 10000);
    EXPECT_GT(starved, 10000);
}

}  // namespace
}  // namespace dbxapps::core
