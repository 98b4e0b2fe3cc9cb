#include <core/hedge.hpp>

#include <gtest/gtest.h>

namespace dbxapps::core {
namespace {

using namespace std::chrono_literals;

struct hedge_test : testing::Test {
    void took(duration d, int calls) {
        for (int i = 0; i < calls; ++i)
            seen.record(d);
    }
    // What a hundred beginnings later is known.
    std::optional<duration> after(hedge& h) {
        std::optional<duration> out;
        for (int i = 0; i < 100; ++i)
            out = h.begin(seen);
        return out;
    }
    hedge_options rules;
    latency_histogram seen;
};

TEST_F(hedge_test, a_copy_goes_when_the_first_has_taken_longer_than_most) {
    took(10ms, 95);
    took(1s, 5);
    hedge h(rules);
    const auto delay = h.begin(seen);
    ASSERT_TRUE(delay);
    EXPECT_GE(*delay, 9ms);
    EXPECT_LE(*delay, 11ms);
}

TEST_F(hedge_test, few_calls_show_nothing) {
    took(10ms, 99);
    hedge h(rules);
    EXPECT_FALSE(h.begin(seen));
    took(10ms, 1);
    EXPECT_TRUE(after(h));
}

TEST_F(hedge_test, what_changes_is_seen_after_some_calls) {
    took(10ms, 1000);
    hedge h(rules);
    h.begin(seen);
    took(1s, 9000);
    EXPECT_GE(after(h), std::optional<duration>(900ms));
}

TEST_F(hedge_test, copies_are_one_in_twenty_calls_at_most) {
    hedge h(rules);
    int copies = 0;
    for (int i = 0; i < 10'000; ++i) {
        h.begin(seen);
        copies += h.spend();
    }
    EXPECT_LE(copies, 500);
    EXPECT_GE(copies, 490);
}

TEST_F(hedge_test, a_quiet_time_saves_up_ten_copies_and_no_more) {
    hedge h(rules);
    for (int i = 0; i < 10'000; ++i)
        h.begin(seen);
    int copies = 0;
    while (h.spend())
        ++copies;
    EXPECT_EQ(copies, 10);
}

}  // namespace
}  // namespace dbxapps::core
