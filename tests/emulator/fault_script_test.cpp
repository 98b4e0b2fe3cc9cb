#include <emulator/fault_script.hpp>

#include <gtest/gtest.h>

namespace dbxapps::emulated {
namespace {

emulator_fault named(std::string body, std::uint64_t times = 1, std::string host = {}) {
    emulator_fault fault;
    fault.body = std::move(body);
    fault.times = times;
    fault.host = std::move(host);
    return fault;
}

std::string next(fault_script& script, std::string_view host = "a") {
    const auto fault = script.strike(host);
    return fault ? fault->body : "none";
}

TEST(fault_script, an_empty_script_strikes_nobody) {
    fault_script script;
    EXPECT_EQ(next(script), "none");
}

TEST(fault_script, the_oldest_strikes_first_as_often_as_it_says) {
    fault_script script;
    script.add(named("one", 2));
    script.add(named("two"));
    EXPECT_EQ(next(script), "one");
    EXPECT_EQ(next(script), "one");
    EXPECT_EQ(next(script), "two");
    EXPECT_EQ(next(script), "none");
}

TEST(fault_script, a_fault_for_another_host_is_passed_over_and_stays) {
    fault_script script;
    script.add(named("theirs", 1, "B"));
    script.add(named("anyone's"));
    EXPECT_EQ(next(script, "a"), "anyone's");
    EXPECT_EQ(next(script, "a"), "none");
    EXPECT_EQ(next(script, "b"), "theirs");
}

TEST(fault_script, clearing_leaves_none) {
    fault_script script;
    script.add(named("one", 5));
    script.clear();
    EXPECT_EQ(next(script), "none");
}

TEST(fault_script, a_fault_for_no_request_is_none) {
    fault_script script;
    script.add(named("never", 0));
    EXPECT_EQ(next(script), "none");
}

TEST(fault_script, what_cannot_be_carried_out_is_refused) {
    fault_script script;
    emulator_fault late, odd, open;
    late.delay = std::chrono::milliseconds(-1);
    odd.status = 100;
    open.headers = "x: y";
    for (const auto& bad : {late, odd, open})
        EXPECT_THROW(script.add(bad), std::invalid_argument);
    EXPECT_EQ(next(script), "none");
}

}  // namespace
}  // namespace dbxapps::emulated
