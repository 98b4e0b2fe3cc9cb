#include <oauth/google_requests.hpp>

#include <config/config_error.hpp>
#include <text/encoding.hpp>

#include <gtest/gtest.h>

namespace dbxapps::oauth {
namespace {

using namespace std::chrono_literals;
using headers = std::vector<std::pair<std::string, std::string>>;

constexpr std::int64_t now = 1893456000;
const headers form_headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}};

google_service_account account() {
    google_service_account out;
    out.email = "a@p.iam.example";
    out.key_id = "kid-1";
    out.token_uri = "https://t.example/token";
    return out;
}

TEST(google_requests, an_assertion_names_who_asks_whom_for_what) {
    const std::string text = assertion_to_sign(account(), "target_audience", "https://1.2.gcp.databricks.com", now);
    const auto dot = text.find('.');
    EXPECT_EQ(text::from_base64url(text.substr(0, dot)), R"({"alg":"RS256","typ":"JWT","kid":"kid-1"})");
    EXPECT_EQ(text::from_base64url(text.substr(dot + 1)),
              R"({"iss":"a@p.iam.example","aud":"https://t.example/token","iat":1893456000,"exp":1893459600,)"
              R"("target_audience":"https://1.2.gcp.databricks.com"})");
    auto nameless = account();
    nameless.key_id.clear();
    EXPECT_TRUE(assertion_to_sign(nameless, "scope", "s", now)
                    .starts_with(text::base64url(R"({"alg":"RS256","typ":"JWT"})") + "."));
}

TEST(google_requests, an_assertion_is_exchanged_at_the_accounts_own_endpoint) {
    for (const bool id : {true, false}) {
        const auto r = id ? id_token_by_assertion("https://t.example/token", "a.b.c")
                          : access_token_by_assertion("https://t.example/token", "a.b.c");
        EXPECT_EQ(r.ask.method, "POST");
        EXPECT_EQ(r.ask.url, "https://t.example/token");
        EXPECT_EQ(r.ask.headers, form_headers);
        EXPECT_EQ(r.ask.body, "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=a.b.c");
        EXPECT_EQ(r.member, id ? "id_token" : "access_token");
        EXPECT_FALSE(r.to_machine);
    }
}

TEST(google_requests, a_users_login_is_refreshed) {
    google_user user;
    user.client_id = "c";
    user.client_secret = "s&";
    user.refresh_token = "1//r";
    const auto r = access_token_of_user(user);
    EXPECT_EQ(r.ask.url, "https://oauth2.googleapis.com/token");
    EXPECT_EQ(r.ask.body, "grant_type=refresh_token&client_id=c&client_secret=s%26&refresh_token=1%2F%2Fr");
    EXPECT_EQ(r.member, "access_token");
    EXPECT_TRUE(r.for_a_login);
}

TEST(google_requests, a_machine_is_asked_in_the_clear_and_with_nothing_of_ours) {
    const auto r = access_token_of_machine();
    EXPECT_EQ(r.ask.method, "GET");
    EXPECT_EQ(r.ask.url, "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token");
    EXPECT_EQ(r.ask.headers, (headers{{"Metadata-Flavor", "Google"}}));
    EXPECT_EQ(r.member, "access_token");
    EXPECT_TRUE(r.to_machine);
}

TEST(google_requests, who_may_act_as_a_service_account_asks_for_its_tokens) {
    const auto id = id_token_of("a@p.iam.example", "https://1.2.gcp.databricks.com", "t0ken", "");
    EXPECT_EQ(id.ask.method, "POST");
    EXPECT_EQ(id.ask.url,
              "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/a%40p.iam.example:generateIdToken");
    EXPECT_EQ(id.ask.headers, (headers{{"Authorization", "Bearer t0ken"},
                                       {"Content-Type", "application/json"},
                                       {"Accept", "application/json"}}));
    EXPECT_EQ(id.ask.body, R"({"audience":"https://1.2.gcp.databricks.com","includeEmail":true})");
    EXPECT_EQ(id.member, "token");

    const auto access = access_token_of("x/../y", "t0ken", "project-1");
    EXPECT_EQ(access.ask.url,
              "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/x%2F..%2Fy:generateAccessToken");
    EXPECT_EQ(access.ask.headers.back(), (std::pair<std::string, std::string>("X-Goog-User-Project", "project-1")));
    EXPECT_EQ(access.ask.body, R"({"scope":["https://www.googleapis.com/auth/cloud-platform",)"
                               R"("https://www.googleapis.com/auth/compute"],"lifetime":"3600s"})");
    EXPECT_EQ(access.member, "accessToken");
}

constexpr std::string_view url = "https://t.example/token?hush";

result<std::string> read(const google_request& asked, int status, std::string_view body) {
    google_answer answer;
    answer.status = status;
    answer.body = body;
    answer.retry_after = 7s;
    return read_google_answer(asked, url, answer, {"hush"});
}

TEST(google_requests, the_token_is_the_member_asked_for) {
    const auto token = read(id_token_by_assertion(url, "a"), 200, R"({"id_token":"a.b.c","access_token":"x"})");
    ASSERT_TRUE(token) << token.error().detail;
    EXPECT_EQ(*token, "a.b.c");
    for (const char* body : {"", "hush", "[]", "{}", R"({"id_token":7})", R"({"id_token":""})",
                             R"({"id_token":"hush\r\nx"})", R"({"access_token":"hush"})"}) {
        const auto none = read(id_token_by_assertion(url, "a"), 200, body);
        ASSERT_FALSE(none) << body;
        EXPECT_TRUE(none.error().is(errc::token_unavailable)) << body;
        EXPECT_EQ(none.error().cause, errc::bad_response);
        EXPECT_NE(none.error().detail.find("https://t.example/token answered with status 200"), std::string::npos);
        EXPECT_NE(none.error().detail.find("'id_token'"), std::string::npos) << none.error().detail;
        EXPECT_EQ(none.error().detail.find("hush"), std::string::npos) << none.error().detail;
    }
}

TEST(google_requests, a_refusal_is_told_in_either_form_without_secrets) {
    const auto by_key = read(id_token_by_assertion(url, "a"), 400,
                             R"({"error":"invalid_grant","error_description":"Invalid JWT Signature hush"})");
    ASSERT_FALSE(by_key);
    EXPECT_TRUE(by_key.error().is(errc::token_refused));
    EXPECT_EQ(by_key.error().cause, config::config_error::credential_source);
    EXPECT_EQ(by_key.error().status, 400);
    EXPECT_NE(
        by_key.error().detail.find("status 400: invalid_grant: Invalid JWT Signature ***; check that the service"),
        std::string::npos)
        << by_key.error().detail;

    const auto by_role = read(id_token_of("a", "b", "hush", ""), 403,
                              R"({"error":{"code":403,"message":"hush denied","status":"PERMISSION_DENIED"}})");
    ASSERT_FALSE(by_role);
    EXPECT_TRUE(by_role.error().is(errc::token_refused));
    EXPECT_NE(by_role.error().detail.find("status 403: PERMISSION_DENIED: *** denied; the identity needs the role "
                                          "roles/iam.serviceAccountTokenCreator"),
              std::string::npos)
        << by_role.error().detail;

    const auto by_person = read(access_token_of_user({}), 400, R"({"error":"invalid_grant"})");
    ASSERT_FALSE(by_person);
    EXPECT_TRUE(by_person.error().is(errc::login_required));
    EXPECT_EQ(by_person.error().cause, config::config_error::login_required);
    EXPECT_NE(by_person.error().detail.find("gcloud auth application-default login"), std::string::npos);
}

TEST(google_requests, no_query_of_an_endpoint_is_told) {
    const std::string secretive = "https://user:hush@t.example/token?key=hush#hush";
    for (const int status : {200, 400, 503}) {
        const auto asked = id_token_by_assertion(secretive, "a");
        const auto r = read_google_answer(asked, secretive, {status, "{}", std::nullopt}, {});
        ASSERT_FALSE(r);
        EXPECT_NE(r.error().detail.find("https://t.example/token answered"), std::string::npos) << r.error().detail;
        EXPECT_EQ(r.error().detail.find("hush"), std::string::npos) << r.error().detail;
    }
}

TEST(google_requests, what_may_pass_is_not_for_good) {
    for (const int status : {302, 429, 500, 503}) {
        const auto r = read(access_token_of_user({}), status, "<html>hush");
        ASSERT_FALSE(r);
        EXPECT_TRUE(r.error().is(errc::token_unavailable)) << status;
        EXPECT_EQ(r.error().status, status);
        EXPECT_EQ(r.error().retry_after, 7s);
        EXPECT_EQ(r.error().detail.find("hush"), std::string::npos) << r.error().detail;
    }
}

std::string jwt(std::string_view claims) { return "e30." + text::base64url(claims) + ".sig"; }

TEST(google_requests, an_id_token_lives_as_long_as_it_says) {
    const auto t = presented_id_token(jwt(R"({"exp":1893459600})"), now);
    ASSERT_TRUE(t) << t.error().detail;
    EXPECT_EQ(t->life(), 1h);
    EXPECT_EQ(t->access_token(), jwt(R"({"exp":1893459600})"));
    EXPECT_EQ(t->unfit_for_apps(), "a Google ID token");
    EXPECT_EQ(presented_id_token(jwt(R"({"exp":1893455999})"), now)->life(), 0s);
    for (const std::string& bad :
         {std::string("opaque"), jwt("{}"), jwt(R"({"exp":"soon"})"), jwt(R"({"exp":99999999999})")}) {
        const auto none = presented_id_token(bad, now);
        ASSERT_FALSE(none) << bad;
        EXPECT_TRUE(none.error().is(errc::token_unavailable));
        EXPECT_EQ(none.error().detail.find(bad), std::string::npos);
    }
}

}  // namespace
}  // namespace dbxapps::oauth
