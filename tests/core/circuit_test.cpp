#include <core/circuit.hpp>

#include <gtest/gtest.h>

namespace dbxapps::core {
namespace {

using namespace std::chrono_literals;

constexpr time_point at(duration d) { return time_point(100h + d); }

struct circuit_test : testing::Test {
    circuit_options rules{.failures = 3, .over = 1s, .first_open = 2s, .most_open = 6s};
    circuit c{rules};

    void fails(time_point when) { c.went_badly(when, when); }
    void open() {
        for (const auto when : {0ms, 500ms, 1000ms})
            fails(at(when));
        ASSERT_TRUE(c.open());
    }
};

TEST_F(circuit_test, opens_after_failures_in_a_row_over_a_while) {
    fails(at(0s));
    fails(at(1s));
    EXPECT_TRUE(c.let_through(at(1s))) << "two are not three";
    fails(at(1s));
    EXPECT_FALSE(c.let_through(at(1s)));
    EXPECT_EQ(c.wait(at(1500ms)), 1500ms);
    EXPECT_EQ(c.failures(), 3);
}

TEST_F(circuit_test, a_burst_is_no_outage) {
    for (int n = 0; n < 100; ++n)
        fails(at(999ms * n / 100));
    EXPECT_TRUE(c.let_through(at(999ms)));
    fails(at(1s));
    EXPECT_FALSE(c.let_through(at(1s)));
}

TEST_F(circuit_test, one_success_forgets_what_was_before) {
    fails(at(0s));
    fails(at(1s));
    EXPECT_FALSE(c.calm());
    c.went_well();
    EXPECT_TRUE(c.calm());
    fails(at(2s));
    fails(at(4s));
    EXPECT_TRUE(c.let_through(at(4s)));
}

TEST_F(circuit_test, lets_one_through_when_its_time_has_passed) {
    open();
    EXPECT_FALSE(c.let_through(at(2999ms)));
    EXPECT_TRUE(c.let_through(at(3s)));
    EXPECT_FALSE(c.let_through(at(3s))) << "one is enough";
    c.went_well();
    EXPECT_TRUE(c.let_through(at(3s)));
    EXPECT_TRUE(c.let_through(at(3s)));
}

TEST_F(circuit_test, stays_open_twice_as_long_after_each_failed_probe_up_to_its_most) {
    open();
    ASSERT_TRUE(c.let_through(at(3s)));
    fails(at(3s));
    EXPECT_EQ(c.wait(at(3s)), 4s);
    ASSERT_TRUE(c.let_through(at(7s)));
    fails(at(8s));
    EXPECT_EQ(c.wait(at(8s)), 6s);
    ASSERT_TRUE(c.let_through(at(14s)));
    fails(at(14s));
    EXPECT_EQ(c.wait(at(14s)), 6s);
    ASSERT_TRUE(c.let_through(at(20s)));
    c.went_well();
    open();
    EXPECT_EQ(c.wait(at(1s)), 2s) << "from the beginning again";
}

TEST_F(circuit_test, calls_that_began_before_change_nothing_by_failing_and_all_by_going_well) {
    open();
    c.went_badly(at(0s), at(2s));
    EXPECT_EQ(c.wait(at(2s)), 1s);
    ASSERT_TRUE(c.let_through(at(3s)));
    c.went_badly(at(500ms), at(4s));
    EXPECT_FALSE(c.let_through(at(8s))) << "the one that looks is still out";
    c.went_well();
    EXPECT_TRUE(c.let_through(at(8s)));
}

TEST_F(circuit_test, a_probe_that_never_reports_is_followed_by_another) {
    open();
    ASSERT_TRUE(c.let_through(at(3s)));
    EXPECT_FALSE(c.let_through(at(8999ms)));
    EXPECT_TRUE(c.let_through(at(9s)));
}

TEST_F(circuit_test, a_probe_that_learns_nothing_makes_room_for_another) {
    open();
    ASSERT_TRUE(c.let_through(at(3s)));
    c.said_nothing(at(0s), at(4s));
    EXPECT_FALSE(c.let_through(at(4s))) << "that was another";
    c.said_nothing(at(3s), at(4s));
    EXPECT_TRUE(c.let_through(at(4s)));
    EXPECT_FALSE(c.let_through(at(4s)));
}

TEST_F(circuit_test, without_a_number_of_failures_it_never_opens) {
    rules.failures = 0;
    circuit never(rules);
    for (int n = 0; n < 1000; ++n)
        never.went_badly(at(1s * n), at(1s * n));
    EXPECT_TRUE(never.let_through(at(1000s)));
    EXPECT_TRUE(never.calm());
}

}  // namespace
}  // namespace dbxapps::core
