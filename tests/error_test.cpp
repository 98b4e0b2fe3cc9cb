#include <dbxapps/error.hpp>

#include <gtest/gtest.h>

#include <set>

namespace dbxapps {
namespace {

constexpr errc first = errc::timed_out, last = errc::host_not_allowed;

TEST(error, every_code_has_a_name_and_words_of_its_own) {
    std::set<std::string> names, words;
    for (int i = static_cast<int>(first); i <= static_cast<int>(last); ++i) {
        const auto code = static_cast<errc>(i);
        EXPECT_TRUE(names.insert(std::string(to_string(code))).second) << i;
        EXPECT_TRUE(words.insert(make_error_code(code).message()).second) << i;
        EXPECT_TRUE(make_error_code(code).failed()) << i;
        EXPECT_EQ(to_string(code).find(' '), std::string_view::npos) << i;
    }
    EXPECT_EQ(names.size(), 28U);
}

TEST(error, names_stand_beside_the_right_codes) {
    constexpr std::pair<errc, std::string_view> rows[] = {
        {errc::timed_out, "timed_out"},
        {errc::cancelled, "cancelled"},
        {errc::closed, "closed"},
        {errc::overloaded, "overloaded"},
        {errc::bad_request, "bad_request"},
        {errc::resolve_failed, "resolve_failed"},
        {errc::connect_failed, "connect_failed"},
        {errc::tls_failed, "tls_failed"},
        {errc::proxy_failed, "proxy_failed"},
        {errc::connection_lost, "connection_lost"},
        {errc::bad_response, "bad_response"},
        {errc::response_too_large, "response_too_large"},
        {errc::truncated_stream, "truncated_stream"},
        {errc::token_refused, "token_refused"},
        {errc::token_unavailable, "token_unavailable"},
        {errc::login_required, "login_required"},
        {errc::bad_config, "bad_config"},
        {errc::not_signed_in, "not_signed_in"},
        {errc::no_permission, "no_permission"},
        {errc::ip_blocked, "ip_blocked"},
        {errc::private_link, "private_link"},
        {errc::app_not_found, "app_not_found"},
        {errc::app_stopped, "app_stopped"},
        {errc::app_unavailable, "app_unavailable"},
        {errc::front_door_timeout, "front_door_timeout"},
        {errc::rate_limited, "rate_limited"},
        {errc::circuit_open, "circuit_open"},
        {errc::host_not_allowed, "host_not_allowed"},
    };
    for (const auto& [code, name] : rows)
        EXPECT_EQ(to_string(code), name);
    EXPECT_EQ(make_error_code(errc::timed_out).message(), "the deadline passed");
    EXPECT_EQ(make_error_code(errc::host_not_allowed).message(), "the token may not go to this host");
}

TEST(error, codes_that_are_none_are_said_to_be_unknown) {
    for (const int value : {0, -1, 29, 1000}) {
        EXPECT_EQ(to_string(static_cast<errc>(value)), "unknown");
        EXPECT_EQ(error_category().message(value), "unknown dbxapps error " + std::to_string(value));
    }
}

TEST(error, codes_belong_to_a_category_of_the_library) {
    const error_code code = errc::closed;
    EXPECT_STREQ(error_category().name(), "dbxapps");
    EXPECT_EQ(code.category(), error_category());
    EXPECT_EQ(code, errc::closed);
    EXPECT_NE(code, errc::cancelled);
    EXPECT_NE(code, boost::system::errc::make_error_code(static_cast<boost::system::errc::errc_t>(code.value())));
}

TEST(error, a_failure_says_what_it_is) {
    const failure f(errc::connect_failed, "words",
                    boost::system::errc::make_error_code(boost::system::errc::timed_out));
    EXPECT_TRUE(f.is(errc::connect_failed));
    EXPECT_FALSE(f.is(errc::timed_out));
    EXPECT_EQ(f.detail, "words");
    EXPECT_EQ(f.cause, boost::system::errc::timed_out);
    EXPECT_EQ(f.status, 0);
    EXPECT_FALSE(f.may_have_arrived);
    EXPECT_EQ(f.retry_after, std::nullopt);
    EXPECT_FALSE(failure().is(errc::timed_out));
}

TEST(error, what_reads_code_and_detail) {
    EXPECT_STREQ(error(failure(errc::closed, "")).what(), "closed");
    EXPECT_STREQ(error(failure(errc::closed, "the client of a.example")).what(), "closed: the client of a.example");
    failure foreign(errc::closed, "x");
    foreign.code = boost::system::errc::make_error_code(boost::system::errc::broken_pipe);
    EXPECT_EQ(error(foreign).what(), foreign.code.message() + ": x")
        << "a code of another category is shown in its own words";
}

TEST(error, a_thrown_error_carries_the_whole_failure) {
    failure f(errc::rate_limited, "slow down");
    f.status = 429;
    f.attempts = 3;
    f.request_id = "id";
    f.may_have_arrived = true;
    f.retry_after = std::chrono::seconds(7);
    const result<int> failed = f;
    try {
        (void)failed.value();
        FAIL() << "nothing was thrown";
    } catch (const error& e) {
        EXPECT_EQ(e.code(), errc::rate_limited);
        EXPECT_STREQ(e.what(), "rate_limited: slow down");
        EXPECT_EQ(e.why().status, 429);
        EXPECT_EQ(e.why().attempts, 3);
        EXPECT_EQ(e.why().request_id, "id");
        EXPECT_TRUE(e.why().may_have_arrived);
        EXPECT_EQ(e.why().retry_after, std::chrono::seconds(7));
    }
    EXPECT_THROW((void)failed.value(), boost::system::system_error);
    EXPECT_THROW(result<void>(f).value(), std::exception);
}

TEST(error, a_copy_outlives_the_error_that_it_was_made_of) {
    std::optional<error> copy;
    {
        const error original(failure(errc::tls_failed, std::string(100, 'x')));
        copy = original;
    }
    EXPECT_EQ(copy->what(), "tls_failed: " + std::string(100, 'x'));
}

}  // namespace
}  // namespace dbxapps
