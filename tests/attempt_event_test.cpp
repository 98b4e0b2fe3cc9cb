#include <dbxapps/attempt_event.hpp>
#include <tell.hpp>

#include <gtest/gtest.h>

#include <stdexcept>
#include <type_traits>

namespace dbxapps {
namespace {

// Nothing that owns memory, and nothing that could be a header field or a body.
static_assert(std::is_trivially_copyable_v<attempt_event> && std::is_trivially_destructible_v<attempt_event>);

attempt_event of(std::string_view origin, std::string_view target) {
    return {attempt_step::started, "GET", origin, target};
}

TEST(attempt_event, keeps_the_path_and_drops_what_may_hold_a_secret) {
    constexpr std::pair<std::string_view, std::string_view> rows[] = {
        {"/api/orders", "/api/orders"},
        {"/api?token=s3cret", "/api"},
        {"/api#s3cret", "/api"},
        {"/api#?s3cret", "/api"},
        {"/a?b?c=s3cret", "/a"},
        {"?token=s3cret", "/"},
        {"", "/"},
    };
    for (const auto& [target, path] : rows)
        EXPECT_EQ(of("https://a.example", target).path(), path) << target;
    EXPECT_EQ(of("https://user:s3cret@a.example", "/").origin(), "");
    EXPECT_EQ(of("https://a.example:8443", "/").origin(), "https://a.example:8443");
}

TEST(attempt_event, the_path_can_be_left_out) {
    auto event = of("https://a.example", "/customers/17");
    event.attempt = 2;
    event.code = errc::timed_out;
    const auto quiet = event.without_path();
    EXPECT_EQ(quiet.path(), "");
    EXPECT_EQ(quiet.origin(), event.origin());
    EXPECT_EQ(quiet.attempt, 2);
    EXPECT_EQ(quiet.code, errc::timed_out);
}

TEST(attempt_event, steps_and_reasons_have_names) {
    EXPECT_EQ(to_string(attempt_step::started), "started");
    EXPECT_EQ(to_string(attempt_step::answered), "answered");
    EXPECT_EQ(to_string(attempt_step::failed), "failed");
    EXPECT_EQ(to_string(attempt_step::will_repeat), "will_repeat");
    EXPECT_EQ(to_string(attempt_step::finished), "finished");
    EXPECT_EQ(to_string(repeat_reason::none), "none");
    EXPECT_EQ(to_string(repeat_reason::retry), "retry");
    EXPECT_EQ(to_string(repeat_reason::replay), "replay");
    EXPECT_EQ(to_string(static_cast<attempt_step>(99)), "unknown");
    EXPECT_EQ(to_string(static_cast<repeat_reason>(99)), "unknown");
}

TEST(attempt_event, what_a_hook_throws_ends_there) {
    int told = 0;
    tell([&](const attempt_event&) { ++told; }, of("https://a.example", "/"));
    tell([](const attempt_event&) { throw std::runtime_error("the disk is full"); }, of("https://a.example", "/"));
    tell([](const attempt_event&) { throw 7; }, of("https://a.example", "/"));
    tell({}, of("https://a.example", "/"));
    EXPECT_EQ(told, 1);
}

}  // namespace
}  // namespace dbxapps
