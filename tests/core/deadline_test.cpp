#include <core/deadline.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <vector>

namespace dbxapps::core {
namespace {

using namespace std::chrono_literals;

constexpr auto tick = deadline_wheel::tick;
constexpr auto round = tick * deadline_wheel::slots;

TEST(no_later_than, is_the_earlier_of_both) {
    const time_point now(100h);
    EXPECT_EQ(no_later_than(now + 10s, now, 3s), now + 3s);
    EXPECT_EQ(no_later_than(now + 10s, now, 30s), now + 10s);
    EXPECT_EQ(no_later_than(now - 10s, now, 30s), now - 10s);
}

TEST(no_later_than, does_not_overflow) {
    const time_point now(100h);
    EXPECT_EQ(no_later_than(now + 10s, now, duration::max()), now + 10s);
    EXPECT_EQ(no_later_than(time_point::max(), now, duration::max()), time_point::max());
    EXPECT_EQ(no_later_than(now, time_point(-100h), duration::min()), time_point::min());
}

// A wheel, and a way to see what it hands out.
struct scene {
    // Unlinks what has expired by `at`.
    std::vector<deadline_entry*> advance(time_point at) {
        deadline_list expired;
        std::vector<deadline_entry*> entries;
        wheel.advance(at, expired);
        while (!expired.empty()) {
            entries.push_back(&expired.front());
            deadline_list::unlink(expired.front());
        }
        return entries;
    }
    const time_point start{100h + 3ms};
    deadline_wheel wheel{start};
    deadline_entry entry, other;
};

using entries = std::vector<deadline_entry*>;

TEST(deadline_wheel, an_entry_expires_when_its_time_has_come_and_not_before) {
    for (const duration in : {0ms, 1ms, 7ms, 10ms, 999ms, 5120ms, 3600000ms}) {
        scene s;
        s.wheel.arm(s.entry, s.start + in);
        EXPECT_TRUE(s.entry.armed());
        EXPECT_EQ(s.entry.at(), s.start + in);
        EXPECT_EQ(s.advance(s.start + in - 1ns), entries{});
        EXPECT_EQ(s.advance(s.start + in), entries{&s.entry});
        EXPECT_FALSE(s.entry.armed());
        EXPECT_EQ(s.wheel.size(), 0U);
    }
}

TEST(deadline_wheel, an_entry_expires_once) {
    scene s;
    s.wheel.arm(s.entry, s.start + 1s);
    EXPECT_EQ(s.advance(s.start + 2s), entries{&s.entry});
    EXPECT_EQ(s.advance(s.start + 3s), entries{});
    EXPECT_EQ(s.advance(s.start + 2 * round), entries{});
}

TEST(deadline_wheel, an_entry_is_at_most_one_tick_late_if_advanced_every_tick) {
    for (const duration offset : {0ms, 2ms, 7ms}) {
        for (duration in = 0ms; in < 60ms; in += 1ms) {
            scene s;
            s.wheel.arm(s.entry, s.start + in);
            auto now = s.start + offset;
            while (s.advance(now).empty())
                now += tick;
            EXPECT_GE(now, s.entry.at());
            EXPECT_LE(now - std::max(s.entry.at(), s.start + offset), tick);
        }
    }
}

TEST(deadline_wheel, a_time_already_past_expires_at_the_next_advance) {
    for (const time_point now : {time_point(100h + 3ms), time_point(200h), time_point(200h + 1ns)}) {
        scene s;
        s.advance(now);
        s.wheel.arm(s.entry, now - 50h);
        s.wheel.arm(s.other, now);
        EXPECT_EQ(s.advance(now).size(), 2U);
    }
}

TEST(deadline_wheel, an_armed_entry_moves) {
    scene s;
    s.wheel.arm(s.entry, s.start + 1s);
    s.wheel.arm(s.entry, s.start + 3s);
    EXPECT_EQ(s.wheel.size(), 1U);
    EXPECT_EQ(s.advance(s.start + 2s), entries{});
    s.wheel.arm(s.entry, s.start + 2s);
    EXPECT_EQ(s.advance(s.start + 2s), entries{&s.entry});
}

TEST(deadline_wheel, a_disarmed_entry_does_not_expire) {
    scene s;
    s.wheel.disarm(s.entry);
    s.wheel.arm(s.entry, s.start + 1s);
    s.wheel.disarm(s.entry);
    s.wheel.disarm(s.entry);
    EXPECT_FALSE(s.entry.armed());
    EXPECT_EQ(s.wheel.size(), 0U);
    EXPECT_EQ(s.advance(s.start + 2s), entries{});
}

TEST(deadline_wheel, an_expired_entry_counts_as_armed_until_unlinked_but_is_not_in_the_wheel) {
    scene s;
    deadline_list expired;
    s.wheel.arm(s.entry, s.start);
    s.wheel.arm(s.other, s.start + 1h);
    s.wheel.advance(s.start, expired);
    EXPECT_TRUE(s.entry.armed());
    EXPECT_EQ(s.wheel.size(), 1U);
    deadline_list::unlink(s.entry);
    EXPECT_FALSE(s.entry.armed());
    EXPECT_TRUE(expired.empty());
    EXPECT_EQ(s.wheel.size(), 1U);
}

TEST(deadline_wheel, disarming_an_expired_entry_only_unlinks_it) {
    scene s;
    deadline_list expired;
    s.wheel.arm(s.entry, s.start);
    s.wheel.arm(s.other, s.start);
    s.wheel.advance(s.start, expired);
    s.wheel.disarm(s.entry);
    EXPECT_FALSE(s.entry.armed());
    EXPECT_EQ(&expired.front(), &s.other);
    EXPECT_EQ(s.wheel.size(), 0U);
    s.wheel.disarm(s.other);
    EXPECT_TRUE(expired.empty());
    EXPECT_EQ(s.wheel.size(), 0U);
}

TEST(deadline_wheel, an_expired_entry_can_be_armed_again_at_once) {
    scene s;
    deadline_list expired;
    s.wheel.arm(s.entry, s.start);
    s.wheel.advance(s.start, expired);
    s.wheel.arm(s.entry, s.start + 1s);
    EXPECT_TRUE(expired.empty());
    EXPECT_EQ(s.wheel.size(), 1U);
    EXPECT_EQ(s.advance(s.start + 1s), entries{&s.entry});
}

TEST(deadline_wheel, advance_adds_to_what_has_expired_before) {
    scene s;
    deadline_list expired;
    s.wheel.arm(s.entry, s.start);
    s.wheel.advance(s.start, expired);
    s.wheel.arm(s.other, s.start + 1s);
    s.wheel.advance(s.start + 1s, expired);
    EXPECT_EQ(&expired.front(), &s.entry);
    deadline_list::unlink(s.entry);
    EXPECT_EQ(&expired.front(), &s.other);
    deadline_list::unlink(s.other);
}

TEST(deadline_wheel, times_a_whole_number_of_rounds_apart_do_not_mix) {
    scene s;
    s.wheel.arm(s.entry, s.start + 3 * round);
    s.wheel.arm(s.other, s.start);
    EXPECT_EQ(s.advance(s.start), entries{&s.other});
    EXPECT_EQ(s.advance(s.start + 2 * round), entries{});
    EXPECT_EQ(s.advance(s.start + 3 * round), entries{&s.entry});
}

TEST(deadline_wheel, a_clock_that_reads_earlier_does_no_harm) {
    scene s;
    s.advance(s.start + 1s);
    s.wheel.arm(s.entry, s.start + 500ms);
    EXPECT_EQ(s.advance(s.start + 400ms), entries{});
    EXPECT_EQ(s.advance(s.start + 600ms), entries{&s.entry});
}

TEST(deadline_wheel, works_at_the_ends_of_the_clock) {
    scene s;
    s.wheel.arm(s.entry, time_point::max());
    s.wheel.arm(s.other, time_point::min());
    EXPECT_EQ(s.advance(s.start), entries{&s.other});
    EXPECT_EQ(s.advance(time_point::max()), entries{&s.entry});
}

// A crowd of entries in a wheel and in a plain ordered map, which have to agree.
class crowd {
public:
    explicit crowd(std::uint64_t seed) : random_(seed), entries_(150), model_of_(entries_.size(), model_.end()) {}

    void one_event() {
        const auto who = random_() % entries_.size();
        const auto event = random_() % 10;
        if (event < 5) {
            arm(who);
        } else if (event < 7) {
            wheel_.disarm(entries_[who]);
            forget(who);
        } else {
            advance();
        }
        ASSERT_EQ(wheel_.size(), model_.size());
        ASSERT_EQ(entries_[who].armed(), model_of_[who] != model_.end());
    }
    std::size_t expired() const { return expired_; }

private:
    using model = std::multimap<time_point, std::size_t>;

    duration any_step() {
        switch (random_() % 8) {
            case 0: return 0ns;
            case 1: return duration(random_() % 100);
            case 2: return tick * (random_() % 3);
            case 3: return random_() % 200 == 0 ? duration(1000h) : tick;
            case 4: return random_() % 20 == 0 ? duration(round) : duration(7ms);
            default: return duration(random_() % 30'000'000);
        }
    }

    void arm(std::size_t who) {
        forget(who);
        const auto reach = random_() % 10 == 0 ? 20'000'000'000 : 1'000'000'000;
        auto at = now_ + duration(random_() % static_cast<std::uint64_t>(reach)) - 20ms;
        if (random_() % 4 == 0) at = std::chrono::floor<std::chrono::milliseconds>(at);
        wheel_.arm(entries_[who], at);
        model_of_[who] = model_.emplace(at, who);
    }

    void forget(std::size_t who) {
        if (model_of_[who] != model_.end()) model_.erase(model_of_[who]);
        model_of_[who] = model_.end();
    }

    void advance() {
        now_ += any_step();
        deadline_list list;
        wheel_.advance(now_, list);
        std::set<std::size_t> due;
        for (auto at = model_.begin(); at != model_.upper_bound(now_); ++at)
            due.insert(at->second);
        for (const auto who : due)
            forget(who);
        while (!list.empty()) {
            const auto who = static_cast<std::size_t>(&list.front() - entries_.data());
            ASSERT_EQ(due.erase(who), 1U) << "early, or twice";
            ASSERT_TRUE(entries_[who].armed());
            ++expired_;
            take_out(who);
        }
        ASSERT_TRUE(due.empty()) << "late";
    }

    // The three ways in which an owner may treat an expired entry.
    void take_out(std::size_t who) {
        switch (random_() % 3) {
            case 0: return deadline_list::unlink(entries_[who]);
            case 1: return wheel_.disarm(entries_[who]);
            default: return arm(who);
        }
    }

    std::mt19937_64 random_;
    time_point now_{100h};
    deadline_wheel wheel_{now_};
    std::vector<deadline_entry> entries_;
    model model_;
    std::vector<model::iterator> model_of_;
    std::size_t expired_ = 0;
};

TEST(deadline_wheel_random, agrees_with_an_ordered_map_after_every_event) {
    std::size_t expired = 0;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        crowd c(seed);
        for (int event = 0; event < 100'000; ++event) {
            c.one_event();
            if (::testing::Test::HasFatalFailure()) FAIL() << "seed " << seed << ", event " << event;
        }
        expired += c.expired();
    }
    EXPECT_GT(expired, 50'000U);
}

}  // namespace
}  // namespace dbxapps::core
