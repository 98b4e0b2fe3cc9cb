#include <oauth/metadata_token.hpp>

#include <config/config_error.hpp>

#include <gtest/gtest.h>

namespace dbxapps::oauth {
namespace {

using namespace std::chrono_literals;
using headers = std::vector<std::pair<std::string, std::string>>;

const std::string origin = "http://localhost:1234";
constexpr auto now = std::chrono::system_clock::time_point(1'800'000'000s);

result<token> read(const std::string& body, int status = 200) {
    return read_metadata_token(origin, status, body, std::nullopt, now);
}
result<token> read_end(const std::string& json) {
    return read(R"({"access_token":"t0ken","token_type":"Bearer","expires_on":)" + json + "}");
}
void expect_failure(const result<token>& r, errc code, int status, std::initializer_list<const char*> words) {
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(code)) << r.error().detail;
    EXPECT_EQ(r.error().status, status);
    for (const auto* word : words)
        EXPECT_NE(r.error().detail.find(word), std::string::npos) << word << " in: " << r.error().detail;
    EXPECT_NE(r.error().detail.find("the metadata service at http://localhost:1234 answered with status"),
              std::string::npos)
        << r.error().detail;
    EXPECT_EQ(r.error().detail.find("t0ken"), std::string::npos) << r.error().detail;
}

TEST(metadata_token, is_asked_for_with_the_host_and_the_version) {
    const auto r = metadata_token_request("http://localhost:1234/secret", "https://ws.example");
    EXPECT_EQ(r.method, "GET");
    EXPECT_EQ(r.url, "http://localhost:1234/secret");
    EXPECT_EQ(r.headers, (headers{{"X-Databricks-Metadata-Version", "1"},
                                  {"X-Databricks-Host", "https://ws.example"},
                                  {"Accept", "application/json"}}));
    EXPECT_EQ(r.body, "");
}

TEST(metadata_token, lives_until_the_time_of_day_it_names) {
    for (const std::string end : {"1800003600", "\"1800003600\"", "1800003600.0", "1.8000036e9"}) {
        const auto r = read_end(end);
        ASSERT_TRUE(r) << r.error().detail;
        EXPECT_EQ(r->access_token(), "t0ken");
        EXPECT_EQ(r->life(), duration(1h)) << end;
    }
    EXPECT_EQ(read_end("1800000001")->life(), duration(1s));
}

TEST(metadata_token, that_is_over_is_none) {
    expect_failure(read_end("1800000000"), errc::token_unavailable, 200, {"the token expired 0 s ago"});
    expect_failure(read_end("\"1799999940\""), errc::token_unavailable, 200,
                   {"the token expired 60 s ago", "log in again in the editor", "clock"});
}

TEST(metadata_token, without_a_time_of_these_days_is_none) {
    for (const std::string end : {"null", "\"\"", "\"soon\"", "\"2027-01-15\"", "[]", "true", "\"1800003600 \""})
        expect_failure(read_end(end), errc::token_unavailable, 200, {"expires_on is missing, or not a number"});
    expect_failure(read(R"({"access_token":"t0ken"})"), errc::token_unavailable, 200, {"expires_on is missing"});
    for (const std::string end : {"0", "-1", "3600", "1800003600000", "1e300", "-1e300", "\"inf\"", "\"-inf\""})
        expect_failure(read_end(end), errc::token_unavailable, 200, {"expires_on is no time of these days"});
}

TEST(metadata_token, has_to_be_a_bearer_token_that_can_be_sent) {
    for (const std::string body :
         {"", "null", "[]", "{}", "<html>", R"({"access_token":7,"expires_on":1800003600})",
          R"({"access_token":"","expires_on":1800003600})", R"({"access_token":"a b","expires_on":1800003600})",
          R"({"access_token":"a\r\nX: y","expires_on":1800003600})"}) {
        const auto r = read(body);
        expect_failure(r, errc::token_unavailable, 200, {"no usable access_token", "metadata_service_url"});
        EXPECT_EQ(r.error().cause, errc::bad_response);
    }
    expect_failure(read(R"({"access_token":"t0ken","token_type":"mac","expires_on":1800003600})"),
                   errc::token_unavailable, 200, {"token_type is 'mac', not Bearer"});
    EXPECT_TRUE(read(R"({"access_token":"t0ken","token_type":"bearer","expires_on":1800003600})"));
    EXPECT_TRUE(read(R"({"access_token":"t0ken","expires_on":1800003600})"));
}

TEST(metadata_token, is_not_taken_from_an_answer_with_another_status) {
    const std::string good = R"({"access_token":"t0ken","expires_on":1800003600})";
    for (const int status : {201, 204, 302, 400, 401, 403, 404}) {
        const auto r = read(good, status);
        expect_failure(r, errc::token_refused, status, {"the editor is logged in to this workspace"});
        EXPECT_EQ(r.error().cause, config::config_error::credential_source);
    }
    for (const int status : {429, 500, 503}) {
        const auto r = read_metadata_token(origin, status, good, duration(7s), now);
        expect_failure(r, errc::token_unavailable, status, {"trying later may help"});
        EXPECT_EQ(r.error().retry_after, duration(7s));
    }
}

}  // namespace
}  // namespace dbxapps::oauth
