// Who gets which connection of one origin, and when one is dialled: a pure machine.
//
// The driver keeps the connections and the callers; the machine knows their numbers. Every event appends the actions
// that the driver has to carry out, in order, after unlocking. Not thread-safe: the owner locks.
//
// Laws
//  - live = open + dialing + reserved <= max_connections, where open counts idle and leased connections, and a
//    reservation is a dial promised to one waiter that has not started yet; dialing <= max_dials.
//  - No connection carries more exchanges at once than its capacity (HTTP/1.1: 1).
//  - waiting > 0 implies idle == 0 and (live == max, or dialing == max_dials, or a dial for each who waits, or the pool
//    pauses), where idle counts connections with room. Who has a reservation or a dial of its own is not counted as
//    waiting, nor that dial as one for the others. A reservation waits only while dialing == max_dials or in a pause.
//  - Newest idle connection first, oldest caller first. A dial outlives the caller that caused it.
//  - A failed dial answers the oldest waiter (a dial of its own: its waiter); when the last dial in flight fails and
//    nothing is open, all waiters. Then the pool pauses: pause_first, doubling to pause_max with each further failed
//    dial that starts a pause, over and back to nothing when a dial succeeds. In a pause nothing is dialled, and while
//    nothing is open or dialing nobody waits: everyone gets the last failure at once.
//  - A connection that carries nothing and has lain idle for longer than rest_after is told once to rest; at most
//    most_rests of them by one event, the oldest first.
//  - Each waiter is answered exactly once, unless it leaves first.
#pragma once

#include <dbxapps/time.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <iosfwd>
#include <limits>
#include <optional>
#include <vector>

namespace dbxapps::core {

using pool_waiter = std::uint64_t;  // the driver's, unique while waiting, never 0
using conn_id = std::uint32_t;      // the driver's, small numbers, unique while open
using dial_id = std::uint64_t;      // the machine's

struct pool_rules {  // a count of 0 is taken as 1
    std::uint32_t max_connections = 64;
    std::uint32_t max_dials = 16;
    // More are refused: `overloaded`. A cold pool dials only for somebody who waits, so 1 is the smallest useful value.
    std::size_t max_waiting = std::numeric_limits<std::size_t>::max();
    duration idle_within = std::chrono::seconds(25);
    duration rest_after = std::chrono::seconds(1);
    duration pause_first = std::chrono::milliseconds(50);
    duration pause_max = std::chrono::seconds(1);
};

struct pool_action {
    enum class kind {
        deliver,          // `waiter` gets `conn`; `fresh`: dialled just now; `idle_for`: how long it lay idle
        dial,             // open a connection, report dialed(dial) or dial_failed(dial)
        drop,             // `conn` is out of the pool: close it
        rest,             // `conn` has lain idle for a while: free what it can do without, before anything else happens
        refuse_failed,    // `waiter` gets the failure of the last failed dial
        refuse_overload,  // `waiter` gets errc::overloaded
        refuse_closed,    // `waiter` gets errc::closed
        wake,             // call tick() at `at`; replaces an earlier wake
    };
    kind what;
    pool_waiter waiter = 0;
    conn_id conn = 0;
    dial_id dial = 0;
    bool fresh = false;
    duration idle_for{};
    time_point at{};
    bool operator==(const pool_action&) const = default;
};
std::ostream& operator<<(std::ostream&, pool_action::kind);
std::ostream& operator<<(std::ostream&, const pool_action&);
using pool_actions = std::vector<pool_action>;

class pool_state {
public:
    static constexpr std::size_t most_rests = 32;

    explicit pool_state(pool_rules = {});

    void acquire(pool_waiter, time_point now, pool_actions&);
    void leave(pool_waiter, time_point now, pool_actions&);  // unknown waiters are ignored
    // A connection that is dropped already is ignored in the next four; a waiter that comes with it is not.
    void release(conn_id, time_point now, pool_actions&);  // one exchange ended, and the connection may be used again
    void lost(conn_id, time_point now, pool_actions&);     // the connection must not be used again
    // A delivered connection turned out dead before use: it is dropped and its waiter goes back to the head of the
    // queue.
    void stale(conn_id, pool_waiter, time_point now, pool_actions&);
    // The connection failed a request that may be sent again: it is dropped, and the waiter gets one dialled for it.
    // Only if the connection was dropped before and live == max, the waiter goes to the head of the queue instead.
    void replace(conn_id, pool_waiter, time_point now, pool_actions&);
    void dialed(dial_id, conn_id, std::uint32_t capacity, time_point now, pool_actions&);  // unknown dial: drop
    void dial_failed(dial_id, time_point now, pool_actions&);
    void tick(time_point now, pool_actions&);    // drops what lay idle too long, ends a pause
    void sweep(time_point now, pool_actions&);   // drops what lay idle too long, and no more
    void retire(time_point now, pool_actions&);  // nobody new will come: nothing stays idle from now on
    void close(pool_actions&);  // all waiters refused, all connections dropped, and so is whoever comes later

    struct counts {
        std::size_t idle = 0;    // with room for another exchange
        std::size_t leased = 0;  // full
        std::size_t dialing = 0;
        std::size_t reserved = 0;  // promised dials that have not started
        std::size_t waiting = 0;   // without those that have a reservation or a dial of their own
        std::size_t live() const noexcept { return idle + leased + dialing + reserved; }
        bool operator==(const counts&) const = default;
    };
    counts count() const noexcept;
    bool pausing(time_point now) const noexcept;

private:
    struct connection {
        bool open = false;
        bool fresh = false;
        bool rests = false;
        std::uint32_t capacity = 0;
        std::uint32_t in_use = 0;
        time_point idle_since{};
    };
    struct dialing {
        dial_id id;
        pool_waiter owner;  // 0: for whoever is first
    };

    void settle(time_point now, pool_actions&);  // every event ends here
    void drop_old(time_point now, pool_actions&);
    void serve(time_point now, pool_actions&);
    void let_rest(time_point now, pool_actions&);
    void sit_out_pause(pool_actions&);
    void start_dials(pool_actions&);

    bool refused_as_closed(pool_waiter, pool_actions&) const;
    void lay_idle(conn_id, time_point now);
    void deliver(pool_waiter, time_point now, pool_actions&);    // the newest of idle_
    void drop(conn_id, pool_actions&);                           // if it is open
    void forget(conn_id, pool_actions&);                         // what is not in idle_ any more
    void drop_unused(std::size_t of_the_oldest, pool_actions&);  // those of idle_ that carry no exchange
    void start_dial(pool_waiter owner, pool_actions&);
    std::optional<pool_waiter> end_dial(dial_id);  // its owner, if the dial is known
    duration next_pause() const noexcept;
    bool is_open(conn_id) const noexcept;
    std::size_t live() const noexcept { return open_ + dials_.size() + reserved_.size(); }

    pool_rules rules_;
    std::vector<connection> connections_;  // by conn_id
    std::vector<conn_id> idle_;            // with room; the newest last, ascending by idle_since
    std::size_t resting_ = 0;              // so many of idle_, the oldest, rest; or fewer, if some of them have gone
    std::deque<pool_waiter> waiters_;      // the oldest first
    std::deque<pool_waiter> reserved_;     // waiters whose own dial has not started
    std::vector<dialing> dials_;
    std::size_t open_ = 0;
    dial_id last_dial_ = 0;
    std::optional<time_point> paused_until_;
    std::optional<time_point> wake_at_;  // the wake that the driver was asked for and has not answered with tick()
    duration pause_{};                   // the last one; zero: the last dial succeeded
    bool retired_ = false;
    bool closed_ = false;
};

}  // namespace dbxapps::core
