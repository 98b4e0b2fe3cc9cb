#include <core/dial_plan.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>

namespace dbxapps::core {
namespace {

using namespace std::chrono_literals;
using kind = dial_action::kind;
constexpr auto v4 = address_family::v4;
constexpr auto v6 = address_family::v6;

time_point at(duration d) { return time_point{d}; }
dial_action connect(std::size_t i) { return {.what = kind::connect, .index = i}; }
dial_action wake(duration d) { return {.what = kind::wake, .at = at(d)}; }
dial_action abandon(std::size_t i) { return {.what = kind::abandon, .index = i}; }
dial_action succeed(std::size_t i) { return {.what = kind::succeed, .index = i}; }
dial_action fail() { return {.what = kind::fail}; }

struct script {
    explicit script(const std::vector<address_family>& families) : plan(families) {}
    dial_actions start(duration now) {
        return done([&](auto& out) { plan.start(at(now), out); });
    }
    dial_actions connected(std::size_t i, duration now) {
        return done([&](auto& out) { plan.connected(i, at(now), out); });
    }
    dial_actions failed(std::size_t i, duration now) {
        return done([&](auto& out) { plan.failed(i, at(now), out); });
    }
    dial_actions tick(duration now) {
        return done([&](auto& out) { plan.tick(at(now), out); });
    }

    dial_plan plan;

private:
    template <class Event>
    static dial_actions done(Event event) {
        dial_actions out;
        event(out);
        return out;
    }
};

std::vector<std::size_t> order_of(const std::vector<address_family>& families) {
    std::vector<std::size_t> order;
    script s(families);
    auto actions = s.start(0ms);
    while (actions.front().what == kind::connect) {
        order.push_back(actions.front().index);
        actions = s.failed(order.back(), 0ms);
    }
    EXPECT_EQ(actions, dial_actions{fail()});
    return order;
}

TEST(dial_plan, families_alternate_beginning_with_the_first_one) {
    EXPECT_EQ(order_of({v6, v6, v6, v4, v4}), (std::vector<std::size_t>{0, 3, 1, 4, 2}));
    EXPECT_EQ(order_of({v4, v6, v6, v6}), (std::vector<std::size_t>{0, 1, 2, 3}));
    EXPECT_EQ(order_of({v4, v4, v6}), (std::vector<std::size_t>{0, 2, 1}));
    EXPECT_EQ(order_of({v4, v4, v4}), (std::vector<std::size_t>{0, 1, 2}));
}

TEST(dial_plan, an_empty_list_fails_at_once) {
    script s({});
    EXPECT_EQ(s.start(0ms), dial_actions{fail()});
    EXPECT_TRUE(s.plan.over());
    EXPECT_EQ(s.start(0ms), dial_actions{});
}

TEST(dial_plan, a_single_address_asks_for_no_wake) {
    script s({v4});
    EXPECT_EQ(s.start(0ms), dial_actions{connect(0)});
    EXPECT_EQ(s.tick(10s), dial_actions{});
    EXPECT_EQ(s.connected(0, 11s), dial_actions{succeed(0)});
    EXPECT_TRUE(s.plan.over());
    EXPECT_EQ(s.plan.running(), 0U);
}

TEST(dial_plan, the_next_attempt_starts_250_ms_after_the_one_before) {
    script s({v6, v4, v6});
    EXPECT_EQ(s.start(0ms), (dial_actions{connect(0), wake(250ms)}));
    EXPECT_EQ(s.tick(250ms), (dial_actions{connect(1), wake(500ms)}));
    EXPECT_EQ(s.tick(510ms), dial_actions{connect(2)});
    EXPECT_EQ(s.plan.running(), 3U);
    EXPECT_EQ(s.tick(760ms), dial_actions{});
}

TEST(dial_plan, an_early_tick_asks_again) {
    script s({v6, v4});
    s.start(0ms);
    EXPECT_EQ(s.tick(249ms), dial_actions{wake(250ms)});
    EXPECT_EQ(s.plan.running(), 1U);
}

TEST(dial_plan, the_next_attempt_starts_at_once_when_the_newest_fails) {
    script s({v6, v4, v6});
    s.start(0ms);
    EXPECT_EQ(s.failed(0, 10ms), (dial_actions{connect(1), wake(260ms)}));
    EXPECT_EQ(s.tick(250ms), dial_actions{wake(260ms)}) << "the first wake is replaced";
    EXPECT_EQ(s.failed(1, 251ms), dial_actions{connect(2)});
    EXPECT_EQ(s.failed(2, 252ms), dial_actions{fail()});
    EXPECT_TRUE(s.plan.over());
}

TEST(dial_plan, an_older_attempt_that_fails_does_not_cut_the_newest_short) {
    script s({v6, v4, v6});
    s.start(0ms);
    s.tick(250ms);
    EXPECT_EQ(s.failed(0, 300ms), dial_actions{});
    EXPECT_EQ(s.tick(500ms), dial_actions{connect(2)});
}

TEST(dial_plan, it_fails_only_when_all_have_failed) {
    script s({v6, v4});
    s.start(0ms);
    s.tick(250ms);
    EXPECT_EQ(s.failed(1, 300ms), dial_actions{});
    EXPECT_FALSE(s.plan.over());
    EXPECT_EQ(s.failed(0, 400ms), dial_actions{fail()});
}

TEST(dial_plan, the_winner_abandons_the_others_that_run) {
    script s({v6, v4, v6, v4});
    s.start(0ms);
    s.failed(0, 1ms);
    s.tick(251ms);
    s.tick(501ms);
    EXPECT_EQ(s.connected(2, 600ms), (dial_actions{abandon(1), abandon(3), succeed(2)}));
    EXPECT_EQ(s.plan.running(), 0U);
}

TEST(dial_plan, events_after_the_end_are_ignored) {
    script s({v6, v4, v6});
    s.start(0ms);
    s.tick(250ms);
    s.connected(0, 260ms);
    EXPECT_EQ(s.connected(1, 261ms), dial_actions{});
    EXPECT_EQ(s.failed(1, 262ms), dial_actions{});
    EXPECT_EQ(s.tick(500ms), dial_actions{});
    EXPECT_EQ(s.start(600ms), dial_actions{});
}

TEST(dial_plan, events_about_attempts_that_do_not_run_are_ignored) {
    script s({v6, v4, v6});
    EXPECT_EQ(s.tick(0ms), dial_actions{}) << "not started";
    EXPECT_EQ(s.connected(0, 0ms), dial_actions{}) << "not started";
    s.start(0ms);
    EXPECT_EQ(s.start(0ms), dial_actions{}) << "started already";
    EXPECT_EQ(s.connected(1, 1ms), dial_actions{}) << "not tried yet";
    EXPECT_EQ(s.failed(7, 1ms), dial_actions{}) << "no such address";
    s.failed(0, 2ms);
    EXPECT_EQ(s.failed(0, 3ms), dial_actions{}) << "failed already";
    EXPECT_EQ(s.connected(0, 4ms), dial_actions{}) << "failed already";
}

TEST(dial_plan, actions_print_as_words) {
    const auto text = [](const auto& printed) { return (std::ostringstream() << printed).str(); };
    EXPECT_EQ(text(connect(2)), "connect address 2");
    EXPECT_EQ(text(wake(250ms)), "wake at 250000 us");
    EXPECT_EQ(text(abandon(1)), "abandon address 1");
    EXPECT_EQ(text(succeed(0)), "succeed address 0");
    EXPECT_EQ(text(fail()), "fail");
    EXPECT_EQ(text(kind::connect), "connect");
}

// Carries out what one plan asks for, with random outcomes at random times, and checks the laws after every event.
class player {
public:
    explicit player(std::uint64_t seed) : random_(seed), families_(pick(9)), delay_(1ms * pick(300)) {
        for (auto& family : families_)
            family = pick(2) == 0 ? v4 : v6;
        plan_ = dial_plan(families_, delay_);
        tried_.resize(families_.size());
        running_.resize(families_.size());
    }

    void play() {
        event([&] { plan_.start(now_, out_); }, true);
        while (!over_)
            random_event();
        for (int late = 0; late < 3; ++late) {
            random_event();
            require(out_.empty(), "an action after the end");
        }
    }
    std::size_t events() const { return events_; }

private:
    std::size_t pick(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }

    void require(bool law, const char* broken) const {
        if (!law) throw std::runtime_error(std::string(broken) + ", event " + std::to_string(events_));
    }

    void random_event() {
        if (pick(2) == 0) now_ += 1ms * pick(200);
        const auto index = pick(families_.size() + 1);  // any, even one that does not exist
        const bool ran = index < families_.size() && running_[index];
        const bool was_newest = ran && newest_ == index;
        switch (pick(6)) {
            case 0: {
                winner_ = ran;
                if (ran) running_[index] = false;
                event([&] { plan_.connected(index, now_, out_); }, false);
                require(!ran || (out_.back() == succeed(index)), "a connection that did not win");
                winner_ = false;
                break;
            }
            case 1:
            case 2:
                if (ran) running_[index] = false;
                event([&] { plan_.failed(index, now_, out_); }, was_newest);
                break;
            case 3:
                if (wake_) now_ = std::max(now_, *wake_);
                [[fallthrough]];
            default: event([&] { plan_.tick(now_, out_); }, wake_ && now_ >= *wake_);
        }
    }

    template <class Event>
    void event(Event report, bool next_is_due) {
        ++events_;
        out_.clear();
        next_is_due = next_is_due && !over_ && order_.size() < families_.size();
        const auto tried_before = order_.size();
        report();
        for (const auto& action : out_)
            carry_out(action);
        require(order_.size() == tried_before + (next_is_due ? 1U : 0U), "an attempt too many or too few");
        const auto running = static_cast<std::size_t>(std::count(running_.begin(), running_.end(), true));
        require(plan_.over() == over_ && plan_.running() == running, "wrong running() or over()");
        require(over_ == (running == 0), "over while attempts run, or not over without any");
        require(over_ || wake_.has_value() == (order_.size() < families_.size()), "no wake for the next attempt");
    }

    void carry_out(const dial_action& action) {
        require(!over_, "an action after the end");
        switch (action.what) {
            case kind::connect: return begin(action.index);
            case kind::wake:
                require(action.at == newest_start_ + delay_, "a wake at the wrong time");
                wake_ = action.at;
                return;
            case kind::abandon:
                require(winner_ && running_[action.index], "abandoned without a winner, or without running");
                running_[action.index] = false;
                return;
            case kind::succeed:
                require(winner_, "a success that nobody reported");
                over_ = true;
                return;
            case kind::fail:
                require(order_.size() == families_.size() && !winner_, "failed with something left to try");
                over_ = true;
        }
    }

    void begin(std::size_t index) {
        require(!tried_[index], "tried twice");
        const auto untried = [&](std::size_t i, address_family f) { return !tried_[i] && families_[i] == f; };
        for (std::size_t i = 0; i < index; ++i)
            require(!untried(i, families_[index]), "not in the order of the list");
        const auto other = families_[index] == v4 ? v6 : v4;
        const auto wanted = order_.size() % 2 == 0 ? families_.front() : (families_.front() == v4 ? v6 : v4);
        bool other_left = false;
        for (std::size_t i = 0; i < families_.size(); ++i)
            other_left = other_left || untried(i, other);
        require(families_[index] == wanted || !other_left, "families do not alternate");
        tried_[index] = running_[index] = true;
        order_.push_back(index);
        newest_ = index;
        newest_start_ = now_;
        wake_.reset();
    }

    std::mt19937_64 random_;
    std::vector<address_family> families_;
    duration delay_;
    dial_plan plan_{{}};
    dial_actions out_;
    time_point now_{};
    std::vector<bool> tried_, running_;
    std::vector<std::size_t> order_;
    std::size_t newest_ = 0;
    time_point newest_start_{};
    std::optional<time_point> wake_;
    bool winner_ = false;  // the event reports a connection of an attempt that runs
    bool over_ = false;
    std::size_t events_ = 0;
};

TEST(dial_plan, a_million_random_events_keep_the_laws) {
    std::size_t events = 0;
    for (std::uint64_t seed = 1; events < 1'000'000; ++seed) {
        player p(seed);
        try {
            p.play();
        } catch (const std::runtime_error& broken) {
            FAIL() << broken.what() << ", seed " << seed;
        }
        events += p.events();
    }
}

}  // namespace
}  // namespace dbxapps::core
