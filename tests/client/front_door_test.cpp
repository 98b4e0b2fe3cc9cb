// What the front door of Databricks Apps says, as a caller learns it: one row for each of facts 1.3 and 1.4.
#include <support/workspace.hpp>

namespace dbxapps::test {
namespace {

struct said {
    const char* name;
    int status;
    const char* type;
    const char* fields;
    const char* body;
    errc code;
    const char* next_step;
};

emulator_fault answer_of(const said& row) {
    emulator_fault f;
    f.what = emulator_fault::kind::answer;
    f.status = row.status;
    f.content_type = row.type;
    f.headers = std::string(row.fields) + "x-request-id: 0af7\r\n";
    f.body = row.body;
    f.times = 100;
    return f;
}

constexpr const char* login =
    "location: https://emulated.cloud.databricks.com/oidc/oauth2/v2.0/authorize?client_id=x&state=secret-state\r\n";
constexpr const char* html = "text/html; charset=utf-8";
constexpr const char* json = "application/json";
constexpr const char* page = "<!doctype html><title>App Not Available</title>";

const said rows[] = {
    {"no_credential_outside_api", 302, html, login, "", errc::not_signed_in, "CAN USE"},
    {"no_credential_under_api", 401, "text/plain", "", "", errc::not_signed_in, "CAN USE"},
    {"expired_to_oidc", 302, html, "location: /oidc/oauth2/v2.0/authorize\r\n", "", errc::not_signed_in, "OAuth token"},
    {"expired_to_auth", 302, html, "location: /.auth/login\r\n", "", errc::not_signed_in, "OAuth token"},
    {"post_sent_to_login", 307, html, login, "", errc::not_signed_in, "OAuth token"},
    {"expired_403", 403, "text/plain", "", "Invalid Token", errc::not_signed_in, "OAuth token"},
    {"expired_403_workspace", 403, json, "", R"({"error_code":403,"message":"Invalid access token. [ReqId: 1]"})",
     errc::not_signed_in, "OAuth token"},
    {"sign_in_page", 200, html, "", "<!doctype html><title>Sign in</title>", errc::not_signed_in, "OAuth token"},
    {"no_can_use", 403, json, "", R"({"message":"forbidden"})", errc::no_permission, "CAN USE"},
    {"lacks_scopes", 403, "text/plain", "", "insufficient scope", errc::no_permission, "effective_user_api_scopes"},
    {"ip_acl", 403, json, "",
     R"({"message":"Source IP address: 192.0.2.7 is blocked by Databricks IP ACL for workspace: 1"})", errc::ip_blocked,
     "IP access list"},
    {"private_link", 302, html,
     "location: https://emulated.cloud.databricks.com/login.html?error=private-link-validation-error\r\n", "",
     errc::private_link, "private link"},
    {"stopped_empty", 503, "text/plain", "", "", errc::app_stopped, "start it"},
    {"stopped_page", 503, html, "", "<h1>Stopped</h1>", errc::app_stopped, "start it"},
    {"starting_or_crashed", 502, html, "", page, errc::app_unavailable, "/logz"},
    {"starting_503", 503, html, "", page, errc::app_unavailable, "wait until it serves"},
    {"time_limit", 504, "text/plain", "", "stream timeout", errc::front_door_timeout, "job"},
    {"unknown_name", 404, html, "", "<h1>App Not Found</h1>", errc::app_not_found, "check the name"},
    {"unknown_to_workspace", 404, json, "", R"({"message":"Resource apps.App not found"})", errc::app_not_found,
     "/api/2.0/apps/"},
    {"rate_limited", 429, "text/plain", "retry-after: 7\r\n", "slow down", errc::rate_limited, "max_connections"},
};

std::ostream& operator<<(std::ostream& out, const said& row) { return out << row.name; }

class FrontDoor : public testing::TestWithParam<said> {
protected:
    // The one answer is the outcome.
    result<response> ask(const std::string& fields, std::string_view query) {
        auto options = w.options();
        options.retry.max_retries = 0;
        c = client(io.get_executor(), w.cache(io.get_executor()), options);
        auto fault = answer_of(GetParam());
        fault.headers += fields;
        w.emulated.inject(emulator_place::apps, fault);
        return call(io, c, get(w.url() + std::string(query)).with("Accept", "application/json"));
    }

    workspace w;
    asio::io_context io;
    client c;
};

TEST_P(FrontDoor, IsToldFromTheAppAndSaysTheNextStep) {
    const auto r = ask("", "?key=secret-key");
    ASSERT_FALSE(r) << r->status();
    const failure& why = r.error();
    EXPECT_TRUE(why.is(GetParam().code)) << why.detail;
    EXPECT_EQ(why.status, GetParam().status);
    EXPECT_EQ(why.request_id, "0af7");
    EXPECT_EQ(why.retry_after, GetParam().status == 429 ? std::optional<duration>(7s) : std::nullopt);
    EXPECT_EQ(why.attempts, GetParam().code == errc::not_signed_in ? 2 : 1) << "replayed once, if at all";
    EXPECT_NE(why.detail.find(GetParam().next_step), std::string::npos) << why.detail;
    EXPECT_TRUE(why.detail.starts_with("GET " + w.url() + ": ")) << why.detail;
    EXPECT_EQ(why.detail.find("secret"), std::string::npos) << why.detail;
}

TEST_P(FrontDoor, IsNotHeardInWhatTheAppSaysItself) {
    const auto r = ask("gap-auth: someone@example.com\r\n", "");
    ASSERT_TRUE(r) << r.error().detail;
    EXPECT_EQ(r->status(), GetParam().status);
    EXPECT_EQ(c.counters().replays, 0U) << "an app's own refusal is no reason for a new token";
}

INSTANTIATE_TEST_SUITE_P(Facts, FrontDoor, testing::ValuesIn(rows),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(FrontDoorRefuses, AReasonWithTheBlockedAddressIsPassedOn) {
    workspace w;
    asio::io_context io;
    client c(io.get_executor(), w.cache(io.get_executor()), w.options());
    for (const said& row : rows) {
        if (row.code == errc::ip_blocked) w.emulated.inject(emulator_place::apps, answer_of(row));
    }
    const auto r = call(io, c, get(w.url()));
    ASSERT_FALSE(r);
    EXPECT_NE(r.error().detail.find("192.0.2.7"), std::string::npos) << r.error().detail;
}

// {"scope":"iam.current-user:read"}
constexpr const char* narrow_token = "e30.eyJzY29wZSI6ImlhbS5jdXJyZW50LXVzZXI6cmVhZCJ9.sig";

TEST(FrontDoorRefuses, TheScopesThatTheTokenLacksAreNamedIfTheyAreKnown) {
    workspace w;
    asio::io_context io;
    auto options = w.options();
    options.app_scopes = {"iam.current-user:read", "sql"};
    const client c(io.get_executor(), make_token_cache(io.get_executor(), fixed_token(narrow_token)), options);
    emulator_fault no;
    no.what = emulator_fault::kind::answer;
    no.status = 403;
    for (const auto& [field, words] :
         {std::pair("", "lacks the scope sql"),
          std::pair("www-authenticate: Bearer error=\"insufficient_scope\", scope=\"files.files genie\"\r\n",
                    "lacks the scope files.files, genie")}) {
        no.headers = field;
        w.emulated.inject(emulator_place::apps, no);
        const auto r = call(io, c, get(w.url()));
        ASSERT_FALSE(r);
        EXPECT_TRUE(r.error().is(errc::no_permission));
        EXPECT_NE(r.error().detail.find(words), std::string::npos) << r.error().detail;
        EXPECT_EQ(r.error().detail.find(narrow_token), std::string::npos);
    }
}

}  // namespace
}  // namespace dbxapps::test
