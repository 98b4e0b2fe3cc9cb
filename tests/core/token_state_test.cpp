#include <core/token_state.hpp>

#include <gtest/gtest.h>

#include <sstream>
#include <utility>

namespace dbxapps::core {
namespace {

using namespace std::chrono_literals;
using kind = token_action::kind;
using rejection = token_state::rejection;

constexpr std::uint64_t lowest = 0;
constexpr std::uint64_t middle = std::uint64_t{1} << 63;
constexpr std::uint64_t highest = ~std::uint64_t{0};

token_action serve(waiter_id waiter, generation gen) { return {.what = kind::serve, .waiter = waiter, .gen = gen}; }
token_action fail(waiter_id waiter) { return {.what = kind::fail, .waiter = waiter}; }
token_action fail_closed(waiter_id waiter) { return {.what = kind::fail_closed, .waiter = waiter}; }
token_action fetch(flight_id flight) { return {.what = kind::fetch, .flight = flight}; }
token_action store(generation gen) { return {.what = kind::store, .gen = gen}; }
token_action forget() { return {.what = kind::forget}; }

// A machine and its time; each event returns its actions.
struct scene {
    explicit scene(token_rules rules = {}) : machine(rules) {}

    token_actions want(waiter_id waiter, duration within = 2h) {
        token_actions out;
        machine.want(waiter, now + within, now, out);
        return out;
    }
    token_actions refresh() {
        token_actions out;
        machine.refresh(now, out);
        return out;
    }
    token_actions fetched(flight_id flight, std::optional<duration> life, std::uint64_t random = middle) {
        token_actions out;
        machine.fetched(flight, life, false, now, random, out);
        return out;
    }
    token_actions fetched_the_rejected(flight_id flight) {
        token_actions out;
        machine.fetched(flight, 1h, true, now, middle, out);
        return out;
    }
    token_actions failed(flight_id flight, fetch_fault fault, std::optional<duration> retry_after = {},
                         std::uint64_t random = highest) {
        token_actions out;
        machine.fetch_failed(flight, fault, retry_after, now, random, out);
        return out;
    }
    token_actions busy(flight_id flight) { return failed(flight, fetch_fault::transient); }
    token_actions retry_due(flight_id flight) {
        token_actions out;
        machine.retry_due(flight, now, out);
        return out;
    }
    rejection reject(generation gen, const token_actions& expected) {
        token_actions out;
        const auto verdict = machine.reject(gen, now, out);
        EXPECT_EQ(out, expected);
        return verdict;
    }
    token_actions close() {
        token_actions out;
        machine.close(out);
        return out;
    }
    token_action fetch_later(flight_id flight, duration in) {
        return {.what = kind::fetch_later, .flight = flight, .at = now + in};
    }
    void hold(std::optional<duration> life, std::uint64_t random = middle) {
        const auto asked = want(999);
        ASSERT_EQ(asked.size(), 1U);
        ASSERT_EQ(fetched(asked[0].flight, life, random).size(), 2U);
    }

    token_state machine;
    time_point now{1000h};
};

using actions = token_actions;

TEST(token_state, the_first_who_wants_a_token_starts_the_only_flight) {
    scene s;
    EXPECT_EQ(s.machine.usable(s.now), 0U);
    EXPECT_FALSE(s.machine.refresh_due(s.now));
    EXPECT_EQ(s.refresh(), actions{});
    EXPECT_EQ(s.want(1), actions{fetch(1)});
    EXPECT_EQ(s.want(2), actions{});
    EXPECT_EQ(s.machine.waiting(), 2U);
    EXPECT_TRUE(s.machine.in_flight());
}

TEST(token_state, an_answer_is_stored_and_then_serves_all_in_order_of_arrival) {
    scene s;
    s.want(3), s.want(1), s.want(2);
    EXPECT_EQ(s.fetched(1, 1h), (actions{store(1), serve(3, 1), serve(1, 1), serve(2, 1)}));
    EXPECT_EQ(s.machine.waiting(), 0U);
    EXPECT_FALSE(s.machine.in_flight());
    EXPECT_EQ(s.want(4), actions{serve(4, 1)});
}

TEST(token_state, one_who_left_is_not_answered_and_unknown_leavers_are_ignored) {
    scene s;
    s.want(1), s.want(2);
    s.machine.leave(1), s.machine.leave(77);
    EXPECT_EQ(s.machine.waiting(), 1U);
    EXPECT_EQ(s.fetched(1, 1h), (actions{store(1), serve(2, 1)}));
}

TEST(token_state, a_flight_goes_on_when_its_cause_leaves) {
    scene s;
    s.want(1);
    s.machine.leave(1);
    EXPECT_EQ(s.fetched(1, 1h), actions{store(1)});
}

TEST(token_state, no_generation_is_handed_out_with_less_life_than_its_margin) {
    for (const auto& [life, margin] : {std::pair<duration, duration>{1h, 30s}, {2min, 30s}, {100s, 25s}, {4ns, 1ns}}) {
        scene s;
        s.hold(life);
        EXPECT_EQ(s.machine.usable(s.now + life - margin - 1ns), 1U);
        EXPECT_EQ(s.machine.usable(s.now + life - margin), 0U);
        s.now += life - margin;
        EXPECT_FALSE(s.machine.refresh_due(s.now));
        EXPECT_EQ(s.want(1), actions{fetch(2)});
    }
}

TEST(token_state, the_shortest_life_still_serves_those_who_waited) {
    scene s;
    s.want(1);
    EXPECT_EQ(s.fetched(1, 1ns), (actions{store(1), serve(1, 1)}));
    EXPECT_EQ(s.machine.usable(s.now + 1ns), 0U);
}

TEST(token_state, a_token_that_never_expires_is_never_refreshed) {
    scene s;
    s.hold(std::nullopt);
    s.now += 24h * 365 * 100;
    EXPECT_EQ(s.machine.usable(s.now), 1U);
    EXPECT_FALSE(s.machine.refresh_due(s.now));
}

TEST(token_state, a_life_beyond_the_end_of_the_clock_is_no_trouble) {
    scene s;
    s.hold(duration::max());
    EXPECT_EQ(s.machine.usable(s.now + 24h * 365 * 100), 1U);
}

TEST(token_state, a_refresh_is_due_twenty_minutes_or_half_a_life_before_the_end) {
    for (const auto& [life, due] : {std::pair<duration, duration>{1h, 40min}, {10min, 5min}, {298s, 149s}}) {
        scene s;
        s.hold(life);
        EXPECT_FALSE(s.machine.refresh_due(s.now + due - 1ns));
        EXPECT_TRUE(s.machine.refresh_due(s.now + due));
    }
}

TEST(token_state, the_refresh_is_jittered_by_ten_percent_of_its_lead) {
    for (const auto& [random, due] : {std::pair<std::uint64_t, duration>{lowest, 42min}, {highest, 38min}}) {
        scene s;
        s.hold(1h, random);
        EXPECT_FALSE(s.machine.refresh_due(s.now + due - 1ns));
        EXPECT_TRUE(s.machine.refresh_due(s.now + due));
    }
}

TEST(token_state, the_old_generation_is_served_while_a_new_one_is_fetched) {
    scene s;
    s.hold(1h);
    s.now += 40min;
    EXPECT_EQ(s.want(1), (actions{serve(1, 1), fetch(2)}));
    EXPECT_EQ(s.want(2), actions{serve(2, 1)});
    EXPECT_FALSE(s.machine.refresh_due(s.now));
    EXPECT_EQ(s.fetched(2, 1h), actions{store(2)});
    EXPECT_EQ(s.want(3), actions{serve(3, 2)});
}

TEST(token_state, refresh_starts_a_flight_only_if_one_is_due) {
    scene s;
    s.hold(1h);
    EXPECT_EQ(s.refresh(), actions{});
    s.now += 40min;
    EXPECT_EQ(s.refresh(), actions{fetch(2)});
    EXPECT_EQ(s.refresh(), actions{});
}

TEST(token_state, nobody_is_told_of_a_failed_refresh_and_the_next_try_comes_after_a_pause) {
    for (const auto fault : {fetch_fault::transient, fetch_fault::failed}) {
        scene s;
        s.hold(1h);
        s.now += 40min;
        s.refresh();
        EXPECT_EQ(s.failed(2, fault), actions{});
        EXPECT_FALSE(s.machine.in_flight());
        EXPECT_EQ(s.want(1), actions{serve(1, 1)});
        s.now += 1min - 1ns;
        EXPECT_EQ(s.want(2), actions{serve(2, 1)});
        s.now += 1ns;
        EXPECT_EQ(s.want(3), (actions{serve(3, 1), fetch(3)}));
    }
}

TEST(token_state, a_short_lived_token_is_refreshed_after_a_quarter_of_what_is_left) {
    scene s;
    s.hold(40s);  // due at 20 s, usable until 30 s
    s.now += 20s;
    s.refresh();
    s.busy(2);
    EXPECT_FALSE(s.machine.refresh_due(s.now + 2500ms - 1ns));
    EXPECT_TRUE(s.machine.refresh_due(s.now + 2500ms));
}

TEST(token_state, a_pause_does_not_hold_back_a_caller_with_nothing_usable) {
    scene s;
    s.hold(1h);
    s.now += 59min + 29s;
    s.refresh();
    s.busy(2);
    s.now += 1s;
    EXPECT_EQ(s.want(1), actions{fetch(3)});
}

TEST(token_state, an_answer_that_expires_no_later_is_a_failed_refresh) {
    scene s;
    s.hold(1h);
    s.now += 40min;
    s.refresh();
    EXPECT_EQ(s.fetched(2, 20min), actions{});
    EXPECT_EQ(s.machine.usable(s.now), 1U);
    EXPECT_FALSE(s.machine.refresh_due(s.now + 1min - 1ns));
    s.now += 1min;
    EXPECT_EQ(s.refresh(), actions{fetch(3)});
    EXPECT_EQ(s.fetched(3, 19min + 1ns), actions{store(2)});
}

TEST(token_state, an_answer_without_life_is_a_failed_fetch) {
    for (const duration life : {duration(0), duration(-1h), duration::min()}) {
        scene s;
        s.want(1), s.want(2);
        EXPECT_EQ(s.fetched(1, life), (actions{fail(1), fail(2)}));
        EXPECT_EQ(s.machine.usable(s.now), 0U);
        EXPECT_EQ(s.want(3), actions{fail(3)});
    }
}

TEST(token_state, a_shorter_answer_serves_once_the_old_generation_is_no_longer_usable) {
    scene s;
    s.hold(1h);
    s.now += 59min + 40s;
    s.want(1);
    EXPECT_EQ(s.fetched(2, 10s), (actions{store(2), serve(1, 2)}));
}

TEST(token_state, answers_that_no_fetch_asked_for_are_ignored) {
    scene s;
    s.want(1);
    EXPECT_EQ(s.fetched(7, 1h), actions{});
    EXPECT_EQ(s.fetched(0, 1h), actions{});
    s.fetched(1, 1h);
    EXPECT_EQ(s.fetched(1, 2h), actions{});
    EXPECT_EQ(s.failed(1, fetch_fault::refused), actions{});
    EXPECT_EQ(s.failed(0, fetch_fault::refused), actions{});
    EXPECT_EQ(s.retry_due(1), actions{});
    EXPECT_EQ(s.want(2), actions{serve(2, 1)});
}

TEST(token_state, a_transient_fault_is_retried_inside_the_flight_with_doubling_delays) {
    scene s;
    s.want(1);
    for (const auto delay : {1s, 2s, 4s, 8s, 16s}) {
        EXPECT_EQ(s.busy(1), actions{s.fetch_later(1, delay)});
        EXPECT_EQ(s.want(2), actions{});
        s.machine.leave(2);
        s.now += delay;
        EXPECT_EQ(s.retry_due(1), actions{fetch(1)});
    }
    EXPECT_EQ(s.busy(1), actions{fail(1)});  // 31 s are gone, 32 s would not fit
}

TEST(token_state, the_delays_begin_anew_with_each_flight) {
    scene s;
    s.want(1);
    s.busy(1);
    s.retry_due(1);
    s.failed(1, fetch_fault::failed);
    s.now += 1s;
    EXPECT_EQ(s.want(2), actions{fetch(2)});
    EXPECT_EQ(s.busy(2), actions{s.fetch_later(2, 1s)});
}

TEST(token_state, a_delay_is_fully_jittered_but_a_millisecond_at_least) {
    scene s;
    s.want(1);
    EXPECT_EQ(s.failed(1, fetch_fault::transient, {}, lowest), actions{s.fetch_later(1, 1ms)});
    s.retry_due(1);
    EXPECT_EQ(s.failed(1, fetch_fault::transient, {}, middle), actions{s.fetch_later(1, 1s)});
}

TEST(token_state, retry_after_is_a_lower_bound_for_the_delay) {
    scene s;
    s.want(1);
    EXPECT_EQ(s.failed(1, fetch_fault::transient, 20s), actions{s.fetch_later(1, 20s)});
    s.retry_due(1);
    EXPECT_EQ(s.failed(1, fetch_fault::transient, 100ms), actions{s.fetch_later(1, 2s)});
    s.retry_due(1);
    EXPECT_EQ(s.failed(1, fetch_fault::transient, 60s), actions{fail(1)});
}

TEST(token_state, retry_after_outlasts_a_flight_that_gave_up_for_some_seconds_at_most) {
    scene s;
    s.want(1);
    EXPECT_EQ(s.failed(1, fetch_fault::transient, 300s), actions{fail(1)});
    s.now += 5s - 1ns;
    EXPECT_EQ(s.want(2), actions{fail(2)});
    s.now += 1ns;
    EXPECT_EQ(s.want(3, 1s), actions{fetch(2)});
    EXPECT_EQ(s.failed(2, fetch_fault::transient, 3s), actions{fail(3)});
    s.now += 3s - 1ns;
    EXPECT_EQ(s.want(4), actions{fail(4)});
    s.now += 1ns;
    EXPECT_EQ(s.want(5), actions{fetch(3)});
}

TEST(token_state, retry_after_holds_back_background_tries_too) {
    scene s;
    s.hold(2min);
    s.now += 1min;
    EXPECT_EQ(s.refresh(), actions{fetch(2)});
    EXPECT_EQ(s.failed(2, fetch_fault::transient, 20s), actions{});
    s.now += 20s - 1ns;
    EXPECT_EQ(s.refresh(), actions{});
    s.now += 1ns;
    EXPECT_EQ(s.refresh(), actions{fetch(3)});
}

TEST(token_state, a_retry_starts_before_the_latest_deadline_of_those_who_wait) {
    scene s;
    s.want(1, 1s);
    s.want(2, 1s + 1ns);
    s.want(3, 10ms);
    EXPECT_EQ(s.busy(1), actions{s.fetch_later(1, 1s)});
    s.retry_due(1);
    s.machine.leave(2);
    EXPECT_EQ(s.failed(1, fetch_fault::transient, 1s), (actions{fail(1), fail(3)}));
}

TEST(token_state, retries_end_after_their_time_counted_from_the_first_who_waited) {
    scene s;
    s.want(1);
    s.now += 50s;
    EXPECT_EQ(s.failed(1, fetch_fault::transient, 10s - 1ns), actions{s.fetch_later(1, 10s - 1ns)});
    s.want(2);
    s.retry_due(1);
    EXPECT_EQ(s.failed(1, fetch_fault::transient, 10s), (actions{fail(1), fail(2)}));
}

TEST(token_state, answers_during_the_wait_for_a_retry_are_ignored) {
    scene s;
    s.want(1);
    s.busy(1);
    EXPECT_EQ(s.fetched(1, 1h), actions{});
    EXPECT_EQ(s.busy(1), actions{});
    EXPECT_EQ(s.retry_due(1), actions{fetch(1)});
    EXPECT_EQ(s.retry_due(1), actions{});
    EXPECT_EQ(s.fetched(1, 1h), (actions{store(1), serve(1, 1)}));
}

TEST(token_state, a_retry_that_nobody_waits_for_ends_the_flight_quietly) {
    scene s;
    s.want(1);
    s.busy(1);
    s.machine.leave(1);
    EXPECT_EQ(s.retry_due(1), actions{});
    EXPECT_FALSE(s.machine.in_flight());
    EXPECT_EQ(s.want(2), actions{fetch(2)});
}

TEST(token_state, a_background_flight_gets_waiters_when_the_old_generation_ends_and_then_retries) {
    scene s;
    s.hold(1h);
    s.now += 59min;
    s.refresh();
    s.now += 30s;
    EXPECT_EQ(s.want(1), actions{});
    EXPECT_EQ(s.busy(2), actions{s.fetch_later(2, 1s)});
    s.now += 59s;
    s.retry_due(2);
    EXPECT_EQ(s.failed(2, fetch_fault::transient, {}, lowest), actions{s.fetch_later(2, 1ms)});
    s.retry_due(2);
    EXPECT_EQ(s.fetched(2, 1h), (actions{store(2), serve(1, 2)}));
}

TEST(token_state, a_failed_flight_answers_all_once_and_for_a_second_those_who_come_after) {
    scene s;
    s.want(1), s.want(2);
    EXPECT_EQ(s.failed(1, fetch_fault::failed), (actions{fail(1), fail(2)}));
    s.now += 1s - 1ns;
    EXPECT_EQ(s.want(3), actions{fail(3)});
    s.now += 1ns;
    EXPECT_EQ(s.want(4), actions{fetch(2)});
    EXPECT_EQ(s.machine.waiting(), 1U);
}

TEST(token_state, without_a_memory_a_failure_still_answers_those_who_waited) {
    scene s({.failure_memory = 0s});
    s.want(1);
    EXPECT_EQ(s.failed(1, fetch_fault::failed), actions{fail(1)});
    EXPECT_EQ(s.want(2), actions{fetch(2)});
}

TEST(token_state, a_refusal_stays_for_a_minute_doubling_to_ten_with_one_probe_each) {
    scene s;
    s.want(1);
    flight_id flight = 1;
    for (const auto stay : {1min, 2min, 4min, 8min, 10min, 10min}) {
        EXPECT_EQ(s.failed(flight, fetch_fault::refused, {}), actions{fail(1)});
        s.now += stay - 1ns;
        EXPECT_EQ(s.want(2), actions{fail(2)});
        s.now += 1ns;
        EXPECT_EQ(s.want(1), actions{fetch(++flight)});
    }
}

TEST(token_state, a_success_ends_the_doubling) {
    scene s;
    s.want(1);
    s.failed(1, fetch_fault::refused);
    s.now += 1min;
    s.want(2);
    s.fetched(2, 1min);
    s.now += 1min;
    s.want(3);
    s.failed(3, fetch_fault::refused);
    s.now += 1min;
    EXPECT_EQ(s.want(4), actions{fetch(4)});
}

TEST(token_state, a_success_ends_a_remembered_failure_even_for_one_who_read_the_clock_before) {
    scene s;
    s.want(1);
    s.failed(1, fetch_fault::failed);
    s.now += 1s;
    s.hold(1h);
    s.reject(1, {forget()});
    s.now -= 1ns;
    EXPECT_EQ(s.want(2), actions{fetch(3)});
}

TEST(token_state, a_refused_refresh_serves_the_old_generation_and_tries_again_after_the_stay) {
    scene s;
    s.hold(1h);
    s.now += 40min;
    s.refresh();
    EXPECT_EQ(s.failed(2, fetch_fault::refused), actions{});
    s.now += 1min;
    EXPECT_EQ(s.want(1), (actions{serve(1, 1), fetch(3)}));
    s.failed(3, fetch_fault::refused);
    s.now += 2min - 1ns;
    EXPECT_EQ(s.want(2), actions{serve(2, 1)});
    s.now += 1ns;
    EXPECT_EQ(s.want(3), (actions{serve(3, 1), fetch(4)}));
}

TEST(token_state, the_stay_of_a_refused_refresh_outlasts_the_old_generation) {
    scene s;
    s.hold(1h);
    s.now += 59min;
    s.refresh();
    s.failed(2, fetch_fault::refused);
    s.now += 30s;
    EXPECT_EQ(s.want(1), actions{fail(1)});
    s.now += 30s;
    EXPECT_EQ(s.want(2), actions{fetch(3)});
}

TEST(token_state, the_rejection_of_the_current_generation_is_accepted_once_in_thirty_seconds) {
    scene s;
    s.hold(1h);
    EXPECT_EQ(s.reject(1, {forget()}), rejection::replay);
    EXPECT_EQ(s.machine.usable(s.now), 0U);
    s.hold(1h);
    s.now += 30s - 1ns;
    EXPECT_EQ(s.reject(2, {}), rejection::give_up);
    EXPECT_EQ(s.want(1), actions{serve(1, 2)});
    s.now += 1ns;
    EXPECT_EQ(s.reject(2, {forget()}), rejection::replay);
}

TEST(token_state, late_rejections_of_one_generation_cost_one_fetch) {
    scene s;
    s.hold(1h);
    s.reject(1, {forget()});
    EXPECT_EQ(s.want(1), actions{fetch(2)});
    EXPECT_EQ(s.reject(1, {}), rejection::replay);
    EXPECT_EQ(s.want(2), actions{});
    s.fetched(2, 1h);
    EXPECT_EQ(s.reject(1, {}), rejection::replay);
    EXPECT_EQ(s.reject(0, {}), rejection::replay);
    EXPECT_EQ(s.want(3), actions{serve(3, 2)});
}

TEST(token_state, a_generation_that_is_no_longer_usable_needs_no_forced_fetch) {
    scene s;
    s.hold(1h);
    s.reject(1, {forget()});
    s.hold(10s);
    s.now += 8s;
    EXPECT_EQ(s.reject(2, {}), rejection::replay);
    EXPECT_EQ(s.want(1), actions{fetch(3)});
}

TEST(token_state, a_rejection_does_not_lift_a_remembered_refusal) {
    scene s;
    s.hold(1h);
    s.now += 40min;
    s.refresh();
    s.failed(2, fetch_fault::refused);
    EXPECT_EQ(s.reject(1, {forget()}), rejection::replay);
    EXPECT_EQ(s.want(1), actions{fail(1)});
}

TEST(token_state, a_rejection_during_a_refresh_waits_for_the_running_flight) {
    scene s;
    s.hold(1h);
    s.now += 40min;
    s.refresh();
    s.reject(1, {forget()});
    EXPECT_EQ(s.want(1), actions{});
    EXPECT_EQ(s.fetched(2, 1min), (actions{store(2), serve(1, 2)}));
}

TEST(token_state, even_a_token_that_never_expires_can_be_rejected) {
    scene s;
    s.hold(std::nullopt);
    s.reject(1, {forget()});
    EXPECT_EQ(s.want(1), actions{fetch(2)});
    EXPECT_EQ(s.fetched(2, 1h), (actions{store(2), serve(1, 2)}));
}

TEST(token_state, the_only_token_of_a_source_serves_on_after_its_rejection) {
    scene s;
    s.hold(1h);
    s.reject(1, {forget()});
    s.want(1);
    EXPECT_EQ(s.fetched_the_rejected(2), (actions{store(2), serve(1, 2)}));
    EXPECT_EQ(s.reject(2, {}), rejection::give_up);
    s.now += 30s;
    EXPECT_EQ(s.reject(2, {fetch(3)}), rejection::give_up) << "asked for another, in the background";
    EXPECT_EQ(s.want(2), actions{serve(2, 2)});
    EXPECT_EQ(s.fetched_the_rejected(3), actions{store(3)}) << "it has a full hour again";
    s.now += 30s;
    EXPECT_EQ(s.reject(3, {fetch(4)}), rejection::give_up);
    EXPECT_EQ(s.reject(3, {}), rejection::give_up);
    EXPECT_EQ(s.fetched(4, 2h), actions{store(4)});
    s.now += 30s;
    EXPECT_EQ(s.reject(4, {forget()}), rejection::replay) << "another one: as always";
}

TEST(token_state, another_token_than_the_only_one_is_taken_though_it_ends_earlier) {
    scene s;
    s.hold(std::nullopt);
    s.reject(1, {forget()});
    s.want(1);
    token_actions out;
    s.machine.fetched(2, std::nullopt, true, s.now, middle, out);
    s.now += 30s;
    EXPECT_EQ(s.reject(2, {fetch(3)}), rejection::give_up);
    EXPECT_EQ(s.fetched(3, 1h), actions{store(3)});
    EXPECT_EQ(s.want(2), actions{serve(2, 3)});
}

TEST(token_state, a_rejection_of_the_only_token_asks_for_no_other_before_retry_after) {
    scene s;
    s.hold(2h);
    s.reject(1, {forget()});
    s.want(1);
    s.fetched_the_rejected(2);
    s.now += 31min;
    EXPECT_EQ(s.reject(2, {fetch(3)}), rejection::give_up);
    s.failed(3, fetch_fault::transient, 50s);
    s.now += 40s;
    EXPECT_EQ(s.reject(2, {}), rejection::give_up);
    s.now += 30s;
    EXPECT_EQ(s.reject(2, {fetch(4)}), rejection::give_up);
}

TEST(token_state, the_only_token_is_not_asked_for_again_while_a_refusal_is_remembered) {
    scene s;
    s.hold(1h);
    s.reject(1, {forget()});
    s.want(1);
    s.fetched_the_rejected(2);
    s.now += 40min;
    s.refresh();
    s.failed(3, fetch_fault::refused);
    EXPECT_EQ(s.reject(2, {}), rejection::give_up);
    EXPECT_EQ(s.want(2), actions{serve(2, 2)});
}

TEST(token_state, close_forgets_the_token_and_answers_everybody_for_good) {
    scene s;
    s.hold(1h);
    s.now += 59min + 45s;
    s.want(1), s.want(2);
    EXPECT_EQ(s.close(), (actions{forget(), fail_closed(1), fail_closed(2)}));
    EXPECT_FALSE(s.machine.in_flight());
    EXPECT_EQ(s.fetched(2, 1h), actions{});
    EXPECT_EQ(s.refresh(), actions{});
    EXPECT_EQ(s.reject(1, {}), rejection::replay);
    EXPECT_EQ(s.want(3), actions{fail_closed(3)});
    EXPECT_EQ(s.close(), actions{});
}

TEST(token_state, a_retry_after_close_does_nothing) {
    scene s;
    s.want(1);
    s.busy(1);
    EXPECT_EQ(s.close(), actions{fail_closed(1)});
    EXPECT_EQ(s.retry_due(1), actions{});
}

TEST(token_state, actions_print_as_words) {
    std::ostringstream out;
    out << serve(3, 2) << "; " << fail(4) << "; " << fail_closed(5) << "; " << fetch(6) << "; " << store(7) << "; "
        << forget() << "; " << token_action{.what = kind::fetch_later, .flight = 8, .at = time_point(9ns)};
    EXPECT_EQ(out.str(),
              "serve waiter 3 generation 2; fail waiter 4; fail closed waiter 5; fetch flight 6; store generation 7; "
              "forget; fetch later flight 8 at 9 ns");
}

TEST(token_state, faults_and_rejections_print_as_words) {
    std::ostringstream out;
    out << fetch_fault::transient << ' ' << fetch_fault::failed << ' ' << fetch_fault::refused << ' '
        << rejection::replay << ' ' << rejection::give_up;
    EXPECT_EQ(out.str(), "transient failed refused replay give up");
}

}  // namespace
}  // namespace dbxapps::core
