#include <oauth/user_grant.hpp>

#include <gtest/gtest.h>

namespace dbxapps::oauth {
namespace {

using namespace std::chrono_literals;

const std::string endpoint = "https://ws.example/oidc/v1/token";

result<grant> read(std::string_view body, int status = 200) {
    return read_grant_answer(endpoint, status, body, "old-refresh", std::nullopt, {"old-refresh"});
}

TEST(user_grant, of_a_code_is_exactly_the_form_of_rfc_7636) {
    const auto r = code_request(endpoint, "databricks-cli", "c/de", "http://localhost:8020", "verifier");
    EXPECT_EQ(r.url, endpoint);
    EXPECT_EQ(r.body,
              "grant_type=authorization_code&code=c%2Fde&redirect_uri=http%3A%2F%2Flocalhost%3A8020"
              "&code_verifier=verifier&client_id=databricks-cli");
    using headers = std::vector<std::pair<std::string, std::string>>;
    EXPECT_EQ(r.headers,
              (headers{{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}}));
}

TEST(user_grant, of_a_refresh_token_names_no_scope) {
    EXPECT_EQ(refresh_request(endpoint, "databricks-cli", "r+t").body,
              "grant_type=refresh_token&refresh_token=r%2Bt&client_id=databricks-cli");
}

TEST(user_grant, a_new_refresh_token_replaces_the_old_one_and_none_keeps_it) {
    const auto rotated = read(R"({"access_token":"a","expires_in":3600,"refresh_token":"new"})");
    ASSERT_TRUE(rotated);
    EXPECT_EQ(rotated->access.access_token(), "a");
    EXPECT_EQ(rotated->access.life(), 1h);
    EXPECT_EQ(rotated->refresh_token, "new");
    for (const auto* body : {R"({"access_token":"a"})", R"({"access_token":"a","refresh_token":""})",
                             R"({"access_token":"a","refresh_token":null})"}) {
        const auto kept = read(body);
        ASSERT_TRUE(kept);
        EXPECT_EQ(kept->refresh_token, "old-refresh") << body;
    }
}

TEST(user_grant, a_refusal_does_not_repeat_the_refresh_token) {
    const auto r = read(R"({"error":"invalid_grant","error_description":"old-refresh is used up"})", 400);
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::token_refused));
    EXPECT_EQ(r.error().detail.find("old-refresh"), std::string::npos) << r.error().detail;
}

TEST(user_grant, an_answer_tells_what_became_of_the_refresh_token) {
    using v = refresh_verdict;
    const std::tuple<int, const char*, v> rows[] = {
        {400, R"({"error":"invalid_grant"})", v::dead},
        {401, R"({"error":"invalid_grant"})", v::dead},
        {401, R"({"error":"invalid_request","error_description":"Refresh token is invalid"})", v::dead},
        {400, R"({"error":"invalid_request"})", v::kept},
        {401, R"({"error":"invalid_client"})", v::kept},
        {403, R"({"error":"access_denied"})", v::kept},
        {429, "", v::kept},
        {404, "<html>", v::kept},
        {200, "<html>", v::in_doubt},
        {302, "", v::in_doubt},
        {500, R"({"error":"invalid_grant"})", v::in_doubt},
        {504, "", v::in_doubt},
    };
    for (const auto& [status, body, verdict] : rows)
        EXPECT_EQ(judge_refresh(status, body), verdict) << status << body;
}

TEST(user_grant, without_an_answer_the_refresh_token_is_in_doubt_if_it_may_have_arrived) {
    failure lost(errc::connection_lost, "lost");
    EXPECT_EQ(judge_refresh(lost), refresh_verdict::kept);
    lost.may_have_arrived = true;
    EXPECT_EQ(judge_refresh(lost), refresh_verdict::in_doubt);
}

}  // namespace
}  // namespace dbxapps::oauth
