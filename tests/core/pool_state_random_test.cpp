// A driver that carries out what a pool asks for, with random outcomes, and checks every law after every event.
#include <core/pool_state.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace dbxapps::core {
namespace {

using namespace std::chrono_literals;
using kind = pool_action::kind;
constexpr auto kinds = static_cast<std::size_t>(kind::wake) + 1;

class driver {
public:
    explicit driver(std::uint64_t seed) : random_(seed) {
        rules_.max_connections = static_cast<std::uint32_t>(pick(7));
        rules_.max_dials = static_cast<std::uint32_t>(pick(5));
        rules_.max_waiting = one_of<std::size_t>({0, 1, 3, 1000});
        rules_.idle_within = one_of<duration>({10ms, 40ms, 200ms});
        rules_.rest_after = one_of<duration>({0ms, 5ms, 30ms, 1000ms});
        rules_.pause_first = one_of<duration>({0ms, 7ms, 20ms});
        rules_.pause_max = one_of<duration>({10ms, 50ms, 90ms});
        pool_ = pool_state(rules_);
        rules_.max_connections = std::max(rules_.max_connections, 1U);
        rules_.max_dials = std::max(rules_.max_dials, 1U);
        rules_.max_waiting = std::max<std::size_t>(rules_.max_waiting, 1);
        callers_ = 2 + pick(6);
        failing_ = one_of<std::size_t>({0, 10, 50, 95});
    }

    void play() {
        for (std::size_t n = pick(900); n > 0; --n)
            random_event();
        if (pick(2) == 0) retire();
        for (std::size_t n = pick(100); n > 0; --n)
            random_event();
        if (pick(2) == 0) drain();
        close();
        for (std::size_t n = 20; n > 0; --n)
            random_event();
    }

    std::size_t events = 0;
    std::array<std::size_t, kinds> seen{};  // how often each kind of action came

private:
    struct connection {
        bool open = false;
        bool fresh = false;
        std::uint32_t capacity = 0;
        std::uint32_t in_use = 0;
        time_point idle_since{};
        bool rests = false;
        std::size_t exchanges = 0;  // not ended yet, also those of a connection that is dropped
    };
    struct exchange {
        pool_waiter waiter;
        conn_id conn;
    };
    struct running_dial {
        dial_id id;
        pool_waiter owner;
    };
    // What the event itself entitles the pool to do.
    struct permit {
        std::optional<conn_id> drop{};
        pool_waiter overload = 0;
        pool_waiter own = 0;     // must get the connection just dialled
        pool_waiter failed = 0;  // must get the failure just reported
    };

    std::size_t pick(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }
    template <class T>
    T one_of(std::vector<T> choices) {
        return choices[pick(choices.size())];
    }
    static void require(bool law, const char* broken) {
        if (!law) throw std::runtime_error(broken);
    }

    // ---- events

    void random_event() {
        if (pick(3) == 0) now_ += 1ms * pick(one_of<std::size_t>({3, 12, 60}));
        const auto what = pick(100);
        if (what < 10 + 4 * callers_) return acquire();
        if (what < 42) return pick(3) == 0 ? leave() : tick();
        if (what < 44) return late_event();
        if (what < 72) return end_dial(pick(100) < failing_);
        end_exchange(pick(10) == 0 ? 1 + pick(3) : 0);
    }

    void acquire() {
        const auto waiter = ++last_waiter_;
        const auto waiting = queue_.size();
        queue_.push_back(waiter);
        permit p;
        if (waiting >= rules_.max_waiting) p.overload = waiter;
        event(p, [&] { pool_.acquire(waiter, now_, out_); });
        require(p.overload == 0 || queue_.empty() || queue_.back() != waiter, "the queue grew beyond its bound");
    }

    void leave() {
        std::vector<pool_waiter> all(queue_.begin(), queue_.end());
        all.insert(all.end(), reserved_.begin(), reserved_.end());
        for (const auto& dial : dials_)
            if (dial.owner != 0) all.push_back(dial.owner);
        all.push_back(last_waiter_ + 1);  // unknown
        const auto waiter = all[pick(all.size())];
        std::erase(queue_, waiter);
        std::erase(reserved_, waiter);
        for (auto& dial : dials_)
            if (dial.owner == waiter) dial.owner = 0;
        event({}, [&] { pool_.leave(waiter, now_, out_); });
    }

    void tick() {
        armed_.reset();
        event({}, [&] { pool_.tick(now_, out_); });
    }

    // About numbers that mean nothing to the pool, or nothing any more.
    void late_event() {
        const auto conn = free_number();
        switch (pick(3)) {
            case 0: return event({}, [&] { pool_.release(conn, now_, out_); });
            case 1: return event({}, [&] { pool_.lost(conn, now_, out_); });
            default: event({}, [&] { pool_.dial_failed(last_dial_ + 1, now_, out_); });
        }
    }

    void end_dial(bool fails) {
        if (dials_.empty()) return late_dial();
        const auto which = dials_.begin() + static_cast<std::ptrdiff_t>(pick(dials_.size()));
        const auto dial = *which;
        dials_.erase(which);
        if (fails) return dial_failed(dial);
        const auto conn = free_number();
        const auto capacity = one_of<std::uint32_t>({1, 1, 3});
        connections_[conn] = {.open = true, .fresh = true, .capacity = capacity, .idle_since = now_};
        idle_.push_back(conn);
        pause_ = 0ms;
        paused_until_.reset();
        event({.own = dial.owner}, [&] { pool_.dialed(dial.id, conn, capacity, now_, out_); });
        connections_[conn].fresh = false;
    }

    void dial_failed(running_dial dial) {
        auto answered = dial.owner;
        if (answered == 0 && !queue_.empty()) answered = queue_.front();
        if (!pausing()) {
            pause_ = std::min(pause_ == 0ms ? rules_.pause_first : pause_ * 2, rules_.pause_max);
            paused_until_ = now_ + pause_;
        }
        event({.failed = answered}, [&] { pool_.dial_failed(dial.id, now_, out_); });
    }

    void late_dial() {
        if (!closed_) return tick();
        const auto conn = free_number();
        event({.drop = conn}, [&] { pool_.dialed(last_dial_, conn, 1, now_, out_); });
        require(out_.size() == 1, "a late connection that is not dropped");
    }

    void end_exchange(std::size_t badly) {
        if (exchanges_.empty()) return acquire();
        const auto which = exchanges_.begin() + static_cast<std::ptrdiff_t>(pick(exchanges_.size()));
        const auto [waiter, conn] = *which;
        exchanges_.erase(which);
        auto& c = connections_[conn];
        --c.exchanges;
        if (badly == 0 && c.open) {
            --c.in_use;
            c.idle_since = now_;
            c.rests = false;
            std::erase(idle_, conn);
            idle_.push_back(conn);
        }
        const permit p{.drop = c.open ? std::optional(conn) : std::nullopt};
        if (badly == 0) return event({}, [&] { pool_.release(conn, now_, out_); });
        if (badly == 1) return event(p, [&] { pool_.lost(conn, now_, out_); });
        const bool slot = c.open || live() < rules_.max_connections;
        if (badly == 2 && slot)
            reserved_.push_back(waiter);
        else
            queue_.push_front(waiter);
        if (badly == 2) return event(p, [&] { pool_.replace(conn, waiter, now_, out_); });
        event(p, [&] { pool_.stale(conn, waiter, now_, out_); });
    }

    void retire() {
        retired_ = true;
        event({}, [&] { pool_.retire(now_, out_); });
    }

    void close() {
        closed_ = true;
        for (const auto& dial : dials_)
            if (dial.owner != 0) reserved_.push_back(dial.owner);
        dials_.clear();
        paused_until_.reset();
        event({}, [&] { pool_.close(out_); });
    }

    // Once everything goes well, and the pool is woken as it asked, nobody is left waiting.
    void drain() {
        for (int steps = 0; !queue_.empty() || !reserved_.empty() || !dials_.empty(); ++steps) {
            require(steps < 5000, "somebody waits for ever");
            if (!dials_.empty())
                end_dial(false);
            else if (!exchanges_.empty())
                end_exchange(0);
            else {
                require(armed_.has_value(), "nobody wakes those who wait");
                now_ = std::max(now_, *armed_);
                tick();
            }
        }
    }

    // ---- one event

    template <class Report>
    void event(permit p, Report report) {
        ++events;
        out_.clear();
        permit_ = p;
        report();
        for (const auto& action : out_) {
            carry_out(action);
            ++seen[static_cast<std::size_t>(action.what)];
        }
        require(permit_.own == 0, "a dial of its own did not serve its waiter");
        require(permit_.failed == 0, "a failed dial did not answer its waiter");
        check_laws();
    }

    void carry_out(const pool_action& action) {
        switch (action.what) {
            case kind::deliver: return delivered(action);
            case kind::dial: return dial_started(action.dial);
            case kind::drop: return dropped(action.conn);
            case kind::rest: return told_to_rest(action.conn);
            case kind::refuse_failed: return refused_failed(action.waiter);
            case kind::refuse_overload:
                require(action.waiter == permit_.overload && idle_.empty(), "refused as overload without one");
                queue_.pop_back();
                return;
            case kind::refuse_closed:
                require(closed_, "refused as closed while open");
                return require(std::erase(queue_, action.waiter) + std::erase(reserved_, action.waiter) == 1,
                               "answered somebody who does not wait");
            case kind::wake:
                require(pausing() && action.at == *paused_until_, "a wake at the wrong time");
                require(armed_ != action.at, "the same wake twice");
                armed_ = action.at;
        }
    }

    void delivered(const pool_action& a) {
        require(!closed_, "delivered after close");
        require(!idle_.empty() && a.conn == idle_.back(), "not the newest idle connection");
        auto& c = connections_[a.conn];
        require(c.open && c.in_use < c.capacity, "delivered a connection that is dropped or full");
        require(a.fresh == c.fresh, "wrong about fresh");
        const bool rested = !c.fresh && c.in_use == 0;
        require(a.idle_for == (rested ? now_ - c.idle_since : 0ms), "wrong idle time");
        require(c.in_use > 0 || now_ - c.idle_since <= rules_.idle_within, "delivered an old one");
        if (permit_.own != 0) {
            require(a.waiter == permit_.own, "took the dial of somebody else");
            permit_.own = 0;
        } else {
            require(!queue_.empty() && a.waiter == queue_.front(), "not the oldest caller");
            queue_.pop_front();
        }
        c.fresh = false;
        ++c.exchanges;
        if (++c.in_use == c.capacity) idle_.pop_back();
        exchanges_.push_back({a.waiter, a.conn});
    }

    void dial_started(dial_id id) {
        require(!closed_ && !pausing(), "dialled while closed or pausing");
        require(id == ++last_dial_, "a dial number used twice");
        pool_waiter owner = 0;
        if (!reserved_.empty()) {
            owner = reserved_.front();
            reserved_.pop_front();
        } else {
            require(dials_for_anyone() < queue_.size(), "a dial that nobody needs");
        }
        dials_.push_back({id, owner});
        check_caps();
    }

    void dropped(conn_id conn) {
        if (closed_ && permit_.drop == conn) return;  // never was in the pool
        auto& c = connections_[conn];
        require(c.open, "dropped twice");
        const bool unused = c.in_use == 0;
        const bool old = unused && now_ - c.idle_since > rules_.idle_within;
        const bool unwanted = unused && retired_ && queue_.empty();
        require(closed_ || permit_.drop == conn || old || unwanted, "dropped without a reason");
        c.open = false;
        std::erase(idle_, conn);
    }

    void told_to_rest(conn_id conn) {
        auto& c = connections_[conn];
        require(c.open && c.in_use == 0, "a connection rests that is dropped or in use");
        require(now_ - c.idle_since > rules_.rest_after, "rests too early");
        require(!std::exchange(c.rests, true), "rests twice");
    }

    void refused_failed(pool_waiter waiter) {
        if (waiter == permit_.failed) {
            permit_.failed = 0;
            std::erase(queue_, waiter);
            return;
        }
        require(pausing() && open() == 0 && dials_.empty(), "refused while there was hope");
        require(std::erase(reserved_, waiter) == 1 || (!queue_.empty() && queue_.front() == waiter), "not the oldest");
        std::erase(queue_, waiter);
    }

    // ---- laws

    void check_caps() const {
        require(live() <= rules_.max_connections, "live > max_connections");
        require(dials_.size() <= rules_.max_dials, "dialing > max_dials");
    }

    void check_laws() const {
        check_caps();
        const pool_state::counts counted{.idle = idle_.size(),
                                         .leased = open() - idle_.size(),
                                         .dialing = dials_.size(),
                                         .reserved = reserved_.size(),
                                         .waiting = queue_.size()};
        require(pool_.count() == counted, "the pool counts otherwise");
        require(pool_.pausing(now_) == pausing(), "the pool pauses otherwise");
        const bool full = live() == rules_.max_connections;
        const bool all_dials = dials_.size() == rules_.max_dials;
        const bool enough = full || all_dials || pausing() || dials_for_anyone() >= queue_.size();
        require(queue_.empty() || (idle_.empty() && enough), "somebody waits for nothing");
        require(reserved_.empty() || all_dials || pausing(), "a reservation waits for nothing");
        const bool waits = !queue_.empty() || !reserved_.empty();
        require(!waits || !pausing() || open() + dials_.size() > 0, "somebody waits without hope");
        require(!waits || !pausing() || armed_ == paused_until_, "somebody waits for a wake not asked for");
        require(!closed_ || (!waits && live() == 0), "something is left after close");
        for (const auto conn : idle_) {
            const auto& c = connections_.at(conn);
            require(c.in_use > 0 || now_ - c.idle_since <= rules_.idle_within, "an old connection is kept");
            require(c.in_use > 0 || !retired_, "an idle connection is kept after retire");
            const bool rested = now_ - c.idle_since > rules_.rest_after;
            require(c.in_use > 0 || c.rests == rested, "an idle connection does not rest");
        }
    }

    bool pausing() const { return paused_until_ && now_ < *paused_until_; }
    std::size_t open() const {
        const auto is_open = [](const auto& c) { return c.second.open; };
        return static_cast<std::size_t>(std::count_if(connections_.begin(), connections_.end(), is_open));
    }
    std::size_t live() const { return open() + dials_.size() + reserved_.size(); }
    std::size_t dials_for_anyone() const {
        const auto is_ordinary = [](const running_dial& d) { return d.owner == 0; };
        return static_cast<std::size_t>(std::count_if(dials_.begin(), dials_.end(), is_ordinary));
    }
    conn_id free_number() const {
        conn_id conn = 0;
        for (const auto& [number, c] : connections_)
            if (number == conn && (c.open || c.exchanges > 0)) ++conn;
        return conn;
    }

    std::mt19937_64 random_;
    pool_rules rules_;
    std::size_t callers_ = 0;  // how eager
    std::size_t failing_ = 0;  // dials in a hundred
    pool_state pool_;
    pool_actions out_;
    permit permit_;
    time_point now_{};

    std::map<conn_id, connection> connections_;
    std::vector<conn_id> idle_;  // the newest last
    std::vector<exchange> exchanges_;
    std::deque<pool_waiter> queue_, reserved_;
    std::vector<running_dial> dials_;
    pool_waiter last_waiter_ = 0;
    dial_id last_dial_ = 0;
    duration pause_{};
    std::optional<time_point> paused_until_, armed_;
    bool retired_ = false;
    bool closed_ = false;
};

std::string told(const std::exception& broken, std::uint64_t seed, std::size_t event) {
    return (std::ostringstream() << broken.what() << ", seed " << seed << ", event " << event).str();
}

TEST(pool_state, two_million_random_events_keep_the_laws) {
    std::size_t events = 0;
    std::array<std::size_t, kinds> seen{};
    for (std::uint64_t seed = 1; events < 2'000'000; ++seed) {
        driver d(seed);
        try {
            d.play();
        } catch (const std::exception& broken) {
            FAIL() << told(broken, seed, d.events);
        }
        events += d.events;
        for (std::size_t i = 0; i < kinds; ++i)
            seen[i] += d.seen[i];
    }
    for (std::size_t i = 0; i < kinds; ++i)
        EXPECT_GT(seen[i], 1000U) << static_cast<kind>(i) << " is hardly tested";
}

}  // namespace
}  // namespace dbxapps::core
