#include <oauth/id_tokens.hpp>

#include <config/config_error.hpp>

#include <gtest/gtest.h>

namespace dbxapps::oauth {
namespace {

using namespace std::chrono_literals;
using headers = std::vector<std::pair<std::string, std::string>>;
using reader = result<std::string> (*)(std::string_view, const id_token_answer&, const std::vector<std::string>&);

const std::string url = "https://pipelines.example/token?version=1";

result<std::string> github(int status, std::string_view body, const std::vector<std::string>& hide = {}) {
    return read_github_id_token(url, {status, body, std::nullopt}, hide);
}
result<std::string> azure(int status, std::string_view body, const std::vector<std::string>& hide = {}) {
    return read_azure_pipelines_id_token(url, {status, body, std::nullopt}, hide);
}
void expect_failure(const result<std::string>& r, errc code, std::initializer_list<const char*> words) {
    ASSERT_FALSE(r) << *r;
    EXPECT_TRUE(r.error().is(code)) << r.error().detail;
    for (const auto* word : words) {
        EXPECT_NE(r.error().detail.find(word), std::string::npos) << word << " in: " << r.error().detail;
    }
    for (const char c : r.error().detail)
        EXPECT_TRUE(c >= 0x20 && c < 0x7f) << r.error().detail;
}

TEST(github_id_token, is_asked_for_with_the_audience_added_to_the_query) {
    const auto r = github_id_token_request(url, "request-token", "api://AzureADTokenExchange");
    EXPECT_EQ(r.method, "GET");
    EXPECT_EQ(r.url, url + "&audience=api%3A%2F%2FAzureADTokenExchange");
    EXPECT_EQ(r.headers, (headers{{"Authorization", "Bearer request-token"}, {"Accept", "application/json"}}));
    EXPECT_EQ(r.body, "");
}

TEST(github_id_token, finds_the_right_separator_for_each_url) {
    const std::pair<const char*, const char*> rows[] = {
        {"https://g.example/t", "https://g.example/t?audience=a%20b%26c%3Dd"},
        {"https://g.example/t?", "https://g.example/t?audience=a%20b%26c%3Dd"},
        {"https://g.example/t?x=1", "https://g.example/t?x=1&audience=a%20b%26c%3Dd"},
        {"https://g.example/t?x=1&", "https://g.example/t?x=1&audience=a%20b%26c%3Dd"},
        {"https://g.example/t?x=1#top?", "https://g.example/t?x=1&audience=a%20b%26c%3Dd"},
        {"https://g.example/t#top?", "https://g.example/t?audience=a%20b%26c%3Dd"},
    };
    for (const auto& [given, expected] : rows)
        EXPECT_EQ(github_id_token_request(given, "t", "a b&c=d").url, expected);
}

TEST(azure_pipelines_id_token, is_asked_for_with_an_empty_body) {
    const std::string expected =
        "https://dev.azure.com/org/p%20id/_apis/distributedtask/hubs/build/plans/plan%2F1/"
        "jobs/j%3F/oidctoken?api-version=7.2-preview.1";
    for (const std::string collection : {"https://dev.azure.com/org", "https://dev.azure.com/org/"}) {
        const auto where = azure_pipelines_url(collection, "p id", "build", "plan/1", "j?");
        EXPECT_EQ(where, expected);
        const auto r = azure_pipelines_id_token_request(where, "system-token");
        EXPECT_EQ(r.method, "POST");
        EXPECT_EQ(r.url, expected);
        EXPECT_EQ(r.headers, (headers{{"Authorization", "Bearer system-token"},
                                      {"Content-Type", "application/json"},
                                      {"Accept", "application/json"}}));
        EXPECT_EQ(r.body, "");
    }
}

TEST(id_token_answer, holds_the_token_under_the_name_that_its_provider_uses) {
    EXPECT_EQ(*github(200, R"({"count":1,"value":"ey.J.x"})"), "ey.J.x");
    EXPECT_EQ(*azure(200, R"({"oidcToken":"ey.J.y"})"), "ey.J.y");
    EXPECT_FALSE(github(200, R"({"oidcToken":"ey.J.y"})"));
    EXPECT_FALSE(azure(200, R"({"value":"ey.J.x"})"));
}

TEST(id_token_answer, without_a_usable_token_is_not_final) {
    for (const std::string body : {"", "null", "[]", "{}", "<html>", R"({"value":null})", R"({"value":""})",
                                   R"({"value":7})", R"({"value":["ey"]})", R"({"value":"a b"})", R"({"value":"a\n"})",
                                   "{\"value\":\"\xff\"}", R"({"value":"ey")", R"({"value":"ey\u00fc"})"}) {
        const auto r = github(200, body);
        expect_failure(r, errc::token_unavailable,
                       {"GitHub (https://pipelines.example/token) answered with status 200", "no usable 'value'"});
        EXPECT_EQ(r.error().cause, errc::bad_response);
        EXPECT_EQ(r.error().status, 200);
    }
}

TEST(id_token_answer, that_says_no_for_good_tells_what_to_do) {
    for (const int status : {203, 302, 400, 401, 403, 404}) {
        const auto r = github(status, R"({"message":"no id-token permission"})");
        const auto words = "answered with status " + std::to_string(status) + ": no id-token permission; the job needs";
        expect_failure(r, errc::token_refused, {"GitHub", words.c_str(), "`permissions: id-token: write`"});
        EXPECT_EQ(r.error().cause, config::config_error::credential_source);
        EXPECT_EQ(r.error().status, status);
        expect_failure(azure(status, "<html>sign in"), errc::token_refused,
                       {"Azure Pipelines", "SYSTEM_ACCESSTOKEN: $(System.AccessToken)"});
    }
}

TEST(id_token_answer, that_may_be_another_one_later_is_not_final) {
    for (const int status : {429, 500, 502, 503, 504}) {
        const auto r = read_azure_pipelines_id_token(url, {status, R"({"oidcToken":"ey.J.y"})", 7s}, {});
        expect_failure(r, errc::token_unavailable, {"Azure Pipelines", "trying later may help"});
        EXPECT_EQ(r.error().status, status);
        EXPECT_EQ(r.error().retry_after, duration(7s));
    }
}

TEST(id_token_answer, that_repeats_what_it_was_sent_does_not_get_it_into_an_error) {
    for (const reader read : {read_github_id_token, read_azure_pipelines_id_token}) {
        const auto r = read(url, {403, R"({"message":"token s\u0065cret is not good"})", std::nullopt}, {"secret"});
        expect_failure(r, errc::token_refused, {"token *** is not good"});
    }
    const auto r = read_github_id_token("https://g.example/t?sig=secret", {500, "", std::nullopt}, {});
    expect_failure(r, errc::token_unavailable, {"(https://g.example/t)"});
    EXPECT_EQ(r.error().detail.find("secret"), std::string::npos) << r.error().detail;
}

TEST(written_id_token, is_taken_without_what_stands_around_it) {
    using namespace std::string_view_literals;
    for (const auto text : {"ey.J"sv, "ey.J\n"sv, "\r\n ey.J\t\r\n"sv, "\0ey.J\0"sv,
                            "\x7f"
                            "ey.J\x1b"sv}) {
        const auto r = written_id_token(text, "the file");
        ASSERT_TRUE(r) << r.error().detail;
        EXPECT_EQ(*r, "ey.J");
    }
}

TEST(written_id_token, that_is_none_is_not_quoted) {
    for (const auto* text : {"", " ", "\r\n\t"}) {
        const auto r = written_id_token(text, "the variable X");
        expect_failure(r, errc::bad_config, {"the variable X holds no ID token: it is empty"});
        EXPECT_EQ(r.error().cause, config::config_error::no_credentials);
    }
    for (const auto* text : {"secret secret", "secret\nsecret", "\xef\xbb\xbfsecret", "secr\xc3\xa9t"}) {
        const auto r = written_id_token(text, "the variable X");
        expect_failure(r, errc::bad_config, {"the variable X holds no ID token: there are characters"});
        EXPECT_EQ(r.error().cause, config::config_error::parse);
        EXPECT_EQ(r.error().detail.find("secr"), std::string::npos) << r.error().detail;
    }
}

}  // namespace
}  // namespace dbxapps::oauth
