#include <core/pool_state.hpp>

#include <gtest/gtest.h>

#include <sstream>

namespace dbxapps::core {
namespace {

using namespace std::chrono_literals;
using kind = pool_action::kind;

pool_action fresh(pool_waiter w, conn_id c) { return {.what = kind::deliver, .waiter = w, .conn = c, .fresh = true}; }
pool_action used(pool_waiter w, conn_id c, duration idle = {}) {
    return {.what = kind::deliver, .waiter = w, .conn = c, .idle_for = idle};
}
pool_action dial(dial_id d) { return {.what = kind::dial, .dial = d}; }
pool_action dropped(conn_id c) { return {.what = kind::drop, .conn = c}; }
pool_action rest(conn_id c) { return {.what = kind::rest, .conn = c}; }
pool_action failed(pool_waiter w) { return {.what = kind::refuse_failed, .waiter = w}; }
pool_action overload(pool_waiter w) { return {.what = kind::refuse_overload, .waiter = w}; }
pool_action closed(pool_waiter w) { return {.what = kind::refuse_closed, .waiter = w}; }
pool_action wake(duration t) { return {.what = kind::wake, .at = time_point{t}}; }

const pool_actions nothing;

// One pool with its clock: set `now`, call an event, look at its actions.
struct script {
    explicit script(pool_rules rules = {}) : pool(rules) {}

    pool_actions acquire(pool_waiter w) {
        return done([&](auto& out) { pool.acquire(w, t(), out); });
    }
    pool_actions leave(pool_waiter w) {
        return done([&](auto& out) { pool.leave(w, t(), out); });
    }
    pool_actions release(conn_id c) {
        return done([&](auto& out) { pool.release(c, t(), out); });
    }
    pool_actions lost(conn_id c) {
        return done([&](auto& out) { pool.lost(c, t(), out); });
    }
    pool_actions stale(conn_id c, pool_waiter w) {
        return done([&](auto& out) { pool.stale(c, w, t(), out); });
    }
    pool_actions replace(conn_id c, pool_waiter w) {
        return done([&](auto& out) { pool.replace(c, w, t(), out); });
    }
    pool_actions dialed(dial_id d, conn_id c, std::uint32_t capacity = 1) {
        return done([&](auto& out) { pool.dialed(d, c, capacity, t(), out); });
    }
    pool_actions dial_failed(dial_id d) {
        return done([&](auto& out) { pool.dial_failed(d, t(), out); });
    }
    pool_actions tick() {
        return done([&](auto& out) { pool.tick(t(), out); });
    }
    pool_actions retire() {
        return done([&](auto& out) { pool.retire(t(), out); });
    }
    pool_actions close() {
        return done([&](auto& out) { pool.close(out); });
    }
    // Waiters 1 to n hold connections 1 to n.
    void lease(std::uint32_t n, std::uint32_t capacity = 1) {
        for (std::uint32_t i = 1; i <= n; ++i) {
            acquire(i);
            dialed(i, i, capacity);
        }
    }
    // Connections 1 to n lie idle, the last one the newest.
    void warm(std::uint32_t n) {
        lease(n);
        for (std::uint32_t i = 1; i <= n; ++i)
            release(i);
    }

    pool_state pool;
    duration now{};

private:
    time_point t() const { return time_point{now}; }
    template <class Event>
    static pool_actions done(Event event) {
        pool_actions out;
        event(out);
        return out;
    }
};

TEST(pool_state, a_cold_pool_dials_and_delivers_a_fresh_connection) {
    script s;
    EXPECT_EQ(s.acquire(7), pool_actions{dial(1)});
    s.now = 5ms;
    EXPECT_EQ(s.dialed(1, 3), pool_actions{fresh(7, 3)});
    EXPECT_EQ(s.pool.count(), (pool_state::counts{.leased = 1}));
    EXPECT_EQ(s.release(3), nothing);
    EXPECT_EQ(s.pool.count(), (pool_state::counts{.idle = 1}));
}

TEST(pool_state, an_idle_connection_is_delivered_at_once_with_its_idle_time) {
    script s;
    s.warm(1);
    s.now = 20ms;
    EXPECT_EQ(s.acquire(9), pool_actions{used(9, 1, 20ms)});
}

TEST(pool_state, a_connection_whose_caller_left_is_not_fresh_for_the_next_one) {
    script s;
    s.acquire(1);
    s.leave(1);
    s.dialed(1, 1);
    s.now = 20ms;
    EXPECT_EQ(s.acquire(2), pool_actions{used(2, 1, 20ms)});
}

TEST(pool_state, the_newest_idle_connection_goes_first) {
    script s;
    s.warm(3);
    EXPECT_EQ(s.acquire(11), pool_actions{used(11, 3)});
    EXPECT_EQ(s.acquire(12), pool_actions{used(12, 2)});
}

TEST(pool_state, the_oldest_caller_goes_first) {
    script s({.max_connections = 1});
    s.lease(1);
    EXPECT_EQ(s.acquire(5), nothing);
    EXPECT_EQ(s.acquire(4), nothing);
    EXPECT_EQ(s.release(1), pool_actions{used(5, 1)});
    EXPECT_EQ(s.release(1), pool_actions{used(4, 1)});
}

TEST(pool_state, a_caller_is_served_by_whatever_comes_first) {
    script s;
    s.lease(1);
    EXPECT_EQ(s.acquire(2), pool_actions{dial(2)});
    EXPECT_EQ(s.release(1), pool_actions{used(2, 1)}) << "not the dial that it caused";
    EXPECT_EQ(s.dialed(2, 2), nothing);
    EXPECT_EQ(s.pool.count(), (pool_state::counts{.idle = 1, .leased = 1}));
}

TEST(pool_state, dials_and_connections_have_their_caps) {
    script s({.max_connections = 3, .max_dials = 2});
    EXPECT_EQ(s.acquire(1), pool_actions{dial(1)});
    EXPECT_EQ(s.acquire(2), pool_actions{dial(2)});
    EXPECT_EQ(s.acquire(3), nothing);
    EXPECT_EQ(s.acquire(4), nothing);
    EXPECT_EQ(s.dialed(1, 1), (pool_actions{fresh(1, 1), dial(3)}));
    EXPECT_EQ(s.dialed(2, 2), pool_actions{fresh(2, 2)}) << "open + dialing is at its cap";
    EXPECT_EQ(s.pool.count(), (pool_state::counts{.leased = 2, .dialing = 1, .waiting = 2}));
}

TEST(pool_state, a_dial_outlives_its_caller_and_serves_the_next) {
    script s;
    s.acquire(1);
    EXPECT_EQ(s.leave(1), nothing);
    EXPECT_EQ(s.acquire(2), nothing) << "the dial in flight is enough";
    EXPECT_EQ(s.dialed(1, 1), pool_actions{fresh(2, 1)});
}

TEST(pool_state, a_lost_connection_makes_room_for_a_dial) {
    script s({.max_connections = 1});
    s.lease(1);
    s.acquire(2);
    EXPECT_EQ(s.lost(1), (pool_actions{dropped(1), dial(2)}));
    EXPECT_EQ(s.lost(1), nothing);
    EXPECT_EQ(s.release(1), nothing);
    EXPECT_EQ(s.dialed(2, 1), pool_actions{fresh(2, 1)}) << "its number may be used again";
}

TEST(pool_state, connections_idle_for_too_long_are_dropped_at_checkout) {
    script s({.idle_within = 10ms});
    s.warm(2);
    s.now = 10ms;
    EXPECT_EQ(s.acquire(5), pool_actions{used(5, 2, 10ms)}) << "10 ms is not longer than 10 ms";
    s.release(2);
    s.now = 11ms;
    EXPECT_EQ(s.acquire(6), (pool_actions{dropped(1), used(6, 2, 1ms)}));
    s.release(2);
    s.now = 22ms;
    EXPECT_EQ(s.acquire(7), (pool_actions{dropped(2), dial(3)}));
}

TEST(pool_state, a_tick_drops_what_lay_idle_too_long) {
    script s({.idle_within = 10ms});
    s.warm(2);
    s.now = 11ms;
    EXPECT_EQ(s.tick(), (pool_actions{dropped(1), dropped(2)}));
    EXPECT_EQ(s.tick(), nothing);
}

TEST(pool_state, what_lies_idle_for_a_while_rests_once_until_it_is_used_again) {
    script s({.rest_after = 10ms});
    s.warm(2);
    s.now = 10ms;
    EXPECT_EQ(s.acquire(5), pool_actions{used(5, 2, 10ms)}) << "10 ms is not longer than 10 ms";
    EXPECT_EQ(s.release(2), nothing);
    s.now = 11ms;
    EXPECT_EQ(s.tick(), pool_actions{rest(1)});
    EXPECT_EQ(s.tick(), nothing);
    s.now = 21ms;
    EXPECT_EQ(s.acquire(6), (pool_actions{used(6, 2, 11ms)})) << "a connection in use does not rest";
    EXPECT_EQ(s.acquire(7), (pool_actions{used(7, 1, 21ms)}));
    s.release(1);
    s.release(2);
    s.now = 32ms;
    EXPECT_EQ(s.tick(), (pool_actions{rest(1), rest(2)}));
}

TEST(pool_state, one_event_lets_only_so_many_rest) {
    constexpr auto most = static_cast<std::uint32_t>(pool_state::most_rests);
    script s({.max_connections = most + 2, .max_dials = most + 2, .rest_after = 10ms});
    for (std::uint32_t i = 1; i <= most + 2; ++i)
        s.acquire(i);
    for (std::uint32_t i = 1; i <= most + 2; ++i)
        s.dialed(i, i);
    for (std::uint32_t i = 1; i <= most + 2; ++i)
        s.release(i);
    s.now = 11ms;
    const auto first = s.tick();
    ASSERT_EQ(first.size(), most);
    EXPECT_EQ(first.front(), rest(1));
    EXPECT_EQ(s.tick(), (pool_actions{rest(most + 1), rest(most + 2)}));
    EXPECT_EQ(s.tick(), nothing);
}

TEST(pool_state, a_clock_read_earlier_but_reported_later_does_no_harm) {
    script s({.idle_within = 10ms});
    s.lease(2);
    s.now = 8ms;
    s.release(1);
    s.now = 7ms;
    s.release(2);
    EXPECT_EQ(s.acquire(5), pool_actions{used(5, 2)}) << "idle for no time, not for less";
    s.release(2);
    s.now = 18ms;
    EXPECT_EQ(s.tick(), nothing) << "2 counts from the 8 ms of 1, which came before it";
    s.now = 19ms;
    EXPECT_EQ(s.tick(), (pool_actions{dropped(1), dropped(2)}));
}

TEST(pool_state, the_waiter_of_a_stale_connection_goes_back_to_the_head) {
    script s({.max_connections = 2});
    s.lease(2);
    s.acquire(3);
    EXPECT_EQ(s.stale(2, 2), (pool_actions{dropped(2), dial(3)}));
    EXPECT_EQ(s.release(1), pool_actions{used(2, 1)});
    EXPECT_EQ(s.dialed(3, 3), pool_actions{fresh(3, 3)});
}

TEST(pool_state, a_replacement_is_dialled_for_its_waiter_alone) {
    script s({.max_connections = 2});
    s.lease(2);
    s.acquire(3);
    EXPECT_EQ(s.replace(2, 2), (pool_actions{dropped(2), dial(3)})) << "3 does not get the slot";
    EXPECT_EQ(s.pool.count(), (pool_state::counts{.leased = 1, .dialing = 1, .waiting = 1}));
    EXPECT_EQ(s.release(1), pool_actions{used(3, 1)});
    EXPECT_EQ(s.dialed(3, 5), pool_actions{fresh(2, 5)});
}

TEST(pool_state, a_reservation_keeps_its_slot_and_starts_before_ordinary_dials) {
    script s({.max_connections = 3, .max_dials = 1});
    s.lease(2);
    EXPECT_EQ(s.acquire(3), pool_actions{dial(3)});
    EXPECT_EQ(s.acquire(4), nothing);
    EXPECT_EQ(s.replace(2, 2), pool_actions{dropped(2)});
    EXPECT_EQ(s.pool.count(), (pool_state::counts{.leased = 1, .dialing = 1, .reserved = 1, .waiting = 2}));
    EXPECT_EQ(s.pool.count().live(), 3U);
    EXPECT_EQ(s.dialed(3, 3), (pool_actions{fresh(3, 3), dial(4)}));
    EXPECT_EQ(s.dialed(4, 4), pool_actions{fresh(2, 4)}) << "not 4, who waits in the queue";
}

TEST(pool_state, a_reservation_whose_waiter_leaves_gives_its_slot_back) {
    script s({.max_connections = 2, .max_dials = 1});
    s.lease(1);
    s.acquire(3);
    s.replace(1, 1);
    s.acquire(4);
    EXPECT_EQ(s.leave(1), nothing) << "the only dial that may run is running";
    EXPECT_EQ(s.pool.count().reserved, 0U);
    EXPECT_EQ(s.dialed(2, 2), (pool_actions{fresh(3, 2), dial(3)}));
    EXPECT_EQ(s.dialed(3, 3), pool_actions{fresh(4, 3)});
}

TEST(pool_state, a_dial_whose_own_waiter_leaves_becomes_an_ordinary_one) {
    script s({.max_connections = 1});
    s.lease(1);
    s.replace(1, 1);
    EXPECT_EQ(s.acquire(2), nothing);
    EXPECT_EQ(s.leave(1), nothing);
    EXPECT_EQ(s.dialed(2, 2), pool_actions{fresh(2, 2)});
}

TEST(pool_state, a_dial_of_a_waiters_own_does_not_count_for_the_others) {
    script s;
    s.lease(1);
    s.replace(1, 1);
    EXPECT_EQ(s.acquire(2), pool_actions{dial(3)});
}

TEST(pool_state, a_failed_dial_of_its_own_answers_its_waiter) {
    script s({.max_connections = 2});
    s.lease(2);
    s.acquire(3);
    s.replace(2, 2);
    EXPECT_EQ(s.dial_failed(3), (pool_actions{failed(2), wake(50ms)}));
}

TEST(pool_state, a_failed_dial_answers_the_oldest_and_the_last_one_everybody) {
    script s({.max_dials = 2});
    s.acquire(1);
    s.acquire(2);
    s.acquire(3);
    s.acquire(4);
    EXPECT_EQ(s.dial_failed(1), (pool_actions{failed(1), wake(50ms)}));
    EXPECT_EQ(s.dial_failed(2), (pool_actions{failed(2), failed(3), failed(4)}));
}

TEST(pool_state, callers_in_a_pause_get_the_failure_at_once_unless_something_is_open) {
    script s;
    s.lease(1);
    s.acquire(2);
    EXPECT_EQ(s.dial_failed(2), pool_actions{failed(2)}) << "nobody is left to be woken";
    s.now = 10ms;
    EXPECT_EQ(s.acquire(3), pool_actions{wake(50ms)}) << "connection 1 may come back";
    EXPECT_EQ(s.acquire(4), nothing) << "the wake is asked for already";
    EXPECT_EQ(s.release(1), pool_actions{used(3, 1)});
    EXPECT_EQ(s.lost(1), (pool_actions{dropped(1), failed(4)})) << "nothing left to hope for";
    EXPECT_EQ(s.acquire(5), pool_actions{failed(5)});
    s.now = 50ms;
    EXPECT_EQ(s.acquire(6), pool_actions{dial(3)});
}

TEST(pool_state, the_end_of_a_pause_dials_for_those_who_wait) {
    script s({.max_connections = 3});
    s.lease(1);
    s.acquire(2);
    s.dial_failed(2);
    s.acquire(3);
    s.now = 49ms;
    EXPECT_TRUE(s.pool.pausing(time_point{s.now}));
    EXPECT_EQ(s.tick(), pool_actions{wake(50ms)}) << "too early: asks again";
    s.now = 50ms;
    EXPECT_FALSE(s.pool.pausing(time_point{s.now}));
    EXPECT_EQ(s.tick(), pool_actions{dial(3)});
}

TEST(pool_state, a_reservation_waits_for_the_end_of_a_pause) {
    script s({.max_connections = 3});
    s.lease(2);
    s.acquire(3);
    s.dial_failed(3);
    EXPECT_EQ(s.replace(2, 2), (pool_actions{dropped(2), wake(50ms)}));
    s.now = 50ms;
    EXPECT_EQ(s.tick(), pool_actions{dial(4)});
    EXPECT_EQ(s.dialed(4, 4), pool_actions{fresh(2, 4)});
}

TEST(pool_state, a_reservation_in_a_pause_with_nothing_to_hope_for_is_refused) {
    script s;
    s.lease(1);
    s.acquire(2);
    s.dial_failed(2);
    EXPECT_EQ(s.replace(1, 1), (pool_actions{dropped(1), failed(1)}));
    EXPECT_EQ(s.pool.count(), pool_state::counts{});
}

TEST(pool_state, pauses_double_up_to_their_limit_and_begin_anew_after_a_success) {
    script s({.pause_first = 50ms, .pause_max = 150ms});
    dial_id last = 0;
    const auto pause_after_failure = [&] {
        s.acquire(1);
        s.dial_failed(++last);
        const auto began = s.now;
        while (s.pool.pausing(time_point{s.now}))
            s.now += 1ms;
        return s.now - began;
    };
    EXPECT_EQ(pause_after_failure(), 50ms);
    EXPECT_EQ(pause_after_failure(), 100ms);
    EXPECT_EQ(pause_after_failure(), 150ms);
    EXPECT_EQ(pause_after_failure(), 150ms);
    s.acquire(1);
    s.dialed(++last, 1);
    s.lost(1);
    EXPECT_EQ(pause_after_failure(), 50ms);
}

TEST(pool_state, dials_that_fail_in_a_pause_neither_prolong_nor_double_it) {
    script s;
    s.acquire(1);
    s.acquire(2);
    s.dial_failed(1);
    s.now = 20ms;
    s.dial_failed(2);
    EXPECT_TRUE(s.pool.pausing(time_point{49ms}));
    EXPECT_FALSE(s.pool.pausing(time_point{50ms}));
    s.now = 50ms;
    s.acquire(3);
    s.dial_failed(3);
    EXPECT_TRUE(s.pool.pausing(time_point{149ms}));
    EXPECT_FALSE(s.pool.pausing(time_point{150ms}));
}

TEST(pool_state, a_dial_that_succeeds_ends_the_pause) {
    script s({.max_dials = 2});
    s.acquire(1);
    s.acquire(2);
    s.acquire(3);
    s.dial_failed(1);
    EXPECT_EQ(s.dialed(2, 1), (pool_actions{fresh(2, 1), dial(3)}));
}

TEST(pool_state, callers_beyond_the_queue_are_refused) {
    script s({.max_connections = 1, .max_waiting = 1});
    s.lease(1);
    EXPECT_EQ(s.acquire(2), nothing);
    EXPECT_EQ(s.acquire(3), pool_actions{overload(3)});
    EXPECT_EQ(s.stale(1, 1), (pool_actions{dropped(1), dial(2)})) << "who was let in stays";
    EXPECT_EQ(s.pool.count().waiting, 2U);
}

TEST(pool_state, rules_of_zero_count_as_one) {
    script s({.max_connections = 0, .max_dials = 0, .max_waiting = 0});
    EXPECT_EQ(s.acquire(1), pool_actions{dial(1)});
    EXPECT_EQ(s.acquire(2), pool_actions{overload(2)});
    EXPECT_EQ(s.dialed(1, 1, 0), pool_actions{fresh(1, 1)});
}

TEST(pool_state, a_multiplexed_connection_carries_as_many_as_its_capacity) {
    script s;
    for (pool_waiter w = 1; w <= 3; ++w)
        s.acquire(w);
    EXPECT_EQ(s.dialed(1, 1, 2), (pool_actions{fresh(1, 1), used(2, 1)}));
    EXPECT_EQ(s.pool.count(), (pool_state::counts{.leased = 1, .dialing = 2, .waiting = 1}));
    EXPECT_EQ(s.release(1), pool_actions{used(3, 1)});
    s.release(1);
    EXPECT_EQ(s.pool.count(), (pool_state::counts{.idle = 1, .dialing = 2})) << "one of two is in use";
}

TEST(pool_state, a_multiplexed_connection_in_use_is_neither_old_nor_idle) {
    script s({.idle_within = 10ms});
    s.lease(1, 2);
    s.now = 1h;
    EXPECT_EQ(s.tick(), nothing);
    EXPECT_EQ(s.acquire(2), pool_actions{used(2, 1)});
    s.release(1);
    EXPECT_EQ(s.retire(), nothing);
    EXPECT_EQ(s.release(1), pool_actions{dropped(1)});
}

TEST(pool_state, a_multiplexed_connection_that_is_lost_goes_once_for_all_its_exchanges) {
    script s({.max_connections = 1});
    s.lease(1, 3);
    s.acquire(2);
    s.acquire(3);
    EXPECT_EQ(s.replace(1, 1), (pool_actions{dropped(1), dial(2)}));
    EXPECT_EQ(s.stale(1, 2), nothing) << "but its waiter waits again";
    EXPECT_EQ(s.replace(1, 3), nothing) << "no slot is left: to the head of the queue";
    EXPECT_EQ(s.release(1), nothing);
    EXPECT_EQ(s.dialed(2, 1, 3), (pool_actions{fresh(1, 1), used(3, 1), used(2, 1)}));
}

TEST(pool_state, a_retired_pool_keeps_nothing_idle_but_still_serves) {
    script s({.max_connections = 2});
    s.lease(2);
    s.release(1);
    EXPECT_EQ(s.retire(), pool_actions{dropped(1)});
    EXPECT_EQ(s.acquire(3), pool_actions{dial(3)});
    EXPECT_EQ(s.release(2), pool_actions{used(3, 2)});
    EXPECT_EQ(s.release(2), pool_actions{dropped(2)});
    EXPECT_EQ(s.dialed(3, 3), pool_actions{dropped(3)}) << "nobody waits for it any more";
}

TEST(pool_state, close_refuses_all_and_drops_all) {
    script s({.max_connections = 4, .max_dials = 1});
    s.lease(4);
    s.release(4);
    s.replace(1, 1);
    s.replace(2, 2);
    s.acquire(5);
    s.acquire(6);
    EXPECT_EQ(s.close(), (pool_actions{closed(1), closed(2), closed(6), dropped(3), dropped(4)}));
    EXPECT_EQ(s.pool.count(), pool_state::counts{});
    EXPECT_EQ(s.close(), nothing);
}

TEST(pool_state, after_close_callers_are_refused_and_late_dials_dropped) {
    script s;
    s.lease(2);
    s.acquire(3);
    s.acquire(4);
    s.close();
    EXPECT_EQ(s.acquire(5), pool_actions{closed(5)});
    EXPECT_EQ(s.dialed(3, 7), pool_actions{dropped(7)});
    EXPECT_EQ(s.dial_failed(4), nothing);
    EXPECT_EQ(s.release(1), nothing);
    EXPECT_EQ(s.lost(2), nothing);
    EXPECT_EQ(s.stale(1, 1), pool_actions{closed(1)});
    EXPECT_EQ(s.replace(2, 2), pool_actions{closed(2)});
    EXPECT_EQ(s.leave(3), nothing);
    EXPECT_EQ(s.retire(), nothing);
    EXPECT_EQ(s.tick(), nothing);
    EXPECT_EQ(s.pool.count(), pool_state::counts{});
}

TEST(pool_state, unknown_numbers_are_ignored) {
    script s;
    s.warm(1);
    EXPECT_EQ(s.leave(99), nothing);
    EXPECT_EQ(s.release(99), nothing);
    EXPECT_EQ(s.release(1), nothing) << "it is idle already";
    EXPECT_EQ(s.lost(99), nothing);
    EXPECT_EQ(s.dial_failed(99), nothing);
    EXPECT_EQ(s.dialed(99, 2), pool_actions{dropped(2)});
    EXPECT_EQ(s.pool.count(), (pool_state::counts{.idle = 1}));
}

TEST(pool_state, actions_print_as_words) {
    const auto text = [](const auto& printed) { return (std::ostringstream() << printed).str(); };
    EXPECT_EQ(text(fresh(7, 3)), "deliver connection 3 to waiter 7, fresh");
    EXPECT_EQ(text(used(7, 3, 2ms)), "deliver connection 3 to waiter 7, idle for 2000 us");
    EXPECT_EQ(text(dial(4)), "dial 4");
    EXPECT_EQ(text(dropped(3)), "drop connection 3");
    EXPECT_EQ(text(failed(7)), "refuse_failed waiter 7");
    EXPECT_EQ(text(overload(7)), "refuse_overload waiter 7");
    EXPECT_EQ(text(closed(7)), "refuse_closed waiter 7");
    EXPECT_EQ(text(wake(50ms)), "wake at 50000 us");
    EXPECT_EQ(text(rest(3)), "rest connection 3");
    EXPECT_EQ(text(kind::drop), "drop");
}

}  // namespace
}  // namespace dbxapps::core
