#include <apps/host_guard.hpp>

#include <gtest/gtest.h>

namespace dbxapps::apps {
namespace {

constexpr std::string_view workspace = "ws.cloud.databricks.com";

// What happens to a call: it goes, is malformed, or is refused by the guard.
std::string goes(const host_guard& guard, std::string_view url, std::string_view own = workspace) {
    const auto u = text::parse_url(url);
    if (!u) return "malformed";
    const auto allowed = guard.check(*u, own);
    if (allowed) return "goes";
    EXPECT_TRUE(allowed.error().is(errc::host_not_allowed)) << url;
    return allowed.error().detail.starts_with("plain http") ? "http" : "refused";
}

TEST(host_guard, lets_the_token_out_to_apps_and_the_workspace_and_nobody_else) {
    const host_guard guard;
    constexpr std::pair<std::string_view, std::string_view> rows[] = {
        {"https://app-1.aws.databricksapps.com/api/x", "goes"},
        {"https://app-1.2.azure.databricksapps.com/", "goes"},
        {"https://app-1.staging.aws.databricksapps.com/", "goes"},
        {"https://a.databricksapps.com/", "goes"},
        {"https://APP.AWS.DATABRICKSAPPS.COM/", "goes"},
        {"https://app.databricksapps.com:8443/", "goes"},
        {"https://ws.cloud.databricks.com/api/2.0/apps", "goes"},
        {"https://WS.cloud.databricks.com:8443/", "goes"},
        {"https://databricksapps.com/", "refused"},
        {"https://evildatabricksapps.com/", "refused"},
        {"https://evil-databricksapps.com/", "refused"},
        {"https://app.evildatabricksapps.com/", "refused"},
        {"https://app.databricksapps.com.evil.example/", "refused"},
        {"https://databricksapps.com.evil.example/", "refused"},
        {"https://app.databricksapps.co/", "refused"},
        {"https://app.databricksapps.comm/", "refused"},
        {"https://app.databricksapps.org/", "refused"},
        {"https://app.databricksappscom/", "refused"},
        {"https://app.databricksapp.com/", "refused"},
        {"https://app.databr1cksapps.com/", "refused"},
        {"https://app.xn--databricksapps-9x8g.com/", "refused"},
        {"https://evil.example/app.databricksapps.com", "refused"},
        {"https://evil.example/.databricksapps.com", "refused"},
        {"https://evil.example?.databricksapps.com", "refused"},
        {"https://evil.example#.databricksapps.com", "refused"},
        {"https://evil.example:443/@app.databricksapps.com", "refused"},
        {"https://other.cloud.databricks.com/", "refused"},
        {"https://x.ws.cloud.databricks.com/", "refused"},
        {"https://xws.cloud.databricks.com/", "refused"},
        {"https://ws.cloud.databricks.com.evil.example/", "refused"},
        {"https://cloud.databricks.com/", "refused"},
        {"https://localhost/", "refused"},
        {"https://127.0.0.1/", "refused"},
        {"https://[::1]/", "refused"},
        {"https://10.0.0.1/", "refused"},
        {"https://169.254.169.254/latest/meta-data", "refused"},
        {"https://[::ffff:169.254.169.254]/", "refused"},
        {"http://localhost/", "refused"},
        {"http://127.0.0.1:8000/", "refused"},
        {"http://[::1]/", "refused"},
        {"http://app.aws.databricksapps.com/", "http"},
        {"http://ws.cloud.databricks.com/", "http"},
        {"http://evil.example/", "http"},
        {"http://127.0.0.1.databricksapps.com/", "http"},
        {"http://localhost.databricksapps.com/", "http"},
        {"https://app.databricksapps.com@evil.example/", "malformed"},
        {"https://app.databricksapps.com:x@evil.example/", "malformed"},
        {"https://evil.example@app.databricksapps.com/", "malformed"},
        {"https://app.databricksapps.com./", "malformed"},
        {"https://.databricksapps.com/", "malformed"},
        {"https://app..databricksapps.com/", "malformed"},
        {"https://evil.example\\.databricksapps.com/", "malformed"},
        {"https://evil.example%2f.databricksapps.com/", "malformed"},
        {"https://evil.example\t.databricksapps.com/", "malformed"},
        {"https://\xd0\xb0pp.databricksapps.com/", "malformed"},
        {"https://[::1].databricksapps.com/", "malformed"},
        {"https://0x7f.1/", "malformed"},
        {"https://2130706433/", "malformed"},
    };
    for (const auto& [url, expected] : rows)
        EXPECT_EQ(goes(guard, url), expected) << url;
}

TEST(host_guard, lets_named_hosts_in_by_their_exact_name) {
    const host_guard guard({"Proxy.Internal", "10.0.0.1", "[2001:db8::1]", "localhost", "127.0.0.2", "::1"});
    for (const auto url : {"https://proxy.internal/", "https://PROXY.INTERNAL:8443/", "https://10.0.0.1:8443/",
                           "https://[2001:DB8::1]/", "http://localhost:8000/", "https://localhost/",
                           "http://127.0.0.2/", "http://[::1]:8000/", "https://app.aws.databricksapps.com/"}) {
        EXPECT_EQ(goes(guard, url), "goes") << url;
    }
    for (const auto url :
         {"https://x.proxy.internal/", "https://proxy.internal.evil.example/", "https://xproxy.internal/",
          "https://internal/", "https://10.0.0.10/", "https://10.0.0.11/", "http://127.0.0.1/",
          "https://[2001:db8::2]/", "http://[::ffff:127.0.0.2]/", "https://localhost.evil.example/"}) {
        EXPECT_NE(goes(guard, url), "goes") << url;
    }
    EXPECT_EQ(goes(guard, "http://proxy.internal/"), "http") << "naming a host does not make plain http safe";
    EXPECT_EQ(goes(guard, "http://10.0.0.1/"), "http");
}

TEST(host_guard, takes_no_name_for_a_pattern) {
    const host_guard guard(
        {"*", "*.example", ".example", "https://a.example", "b.example:443", "c.example.", "", "[", "[]"});
    for (const auto url :
         {"https://x.example/", "https://example/", "https://a.example/", "https://b.example/", "https://c.example/"}) {
        EXPECT_EQ(goes(guard, url), "refused") << url;
    }
}

TEST(host_guard, knows_the_workspace_of_the_token_at_hand_only) {
    const host_guard guard;
    EXPECT_EQ(goes(guard, "https://ws.cloud.databricks.com/", "other.cloud.databricks.com"), "refused");
    EXPECT_EQ(goes(guard, "https://ws.cloud.databricks.com/", ""), "refused");
    EXPECT_EQ(goes(guard, "https://app.aws.databricksapps.com/", ""), "goes");
    EXPECT_EQ(goes(guard, "http://127.0.0.1:9/", "127.0.0.1"), "goes")
        << "a workspace on loopback is named by being it";
    EXPECT_EQ(goes(guard, "http://127.0.0.2:9/", "127.0.0.1"), "refused");
    EXPECT_EQ(goes(guard, "http://ws.cloud.databricks.com/", workspace), "http");
}

TEST(host_guard, lets_in_later_what_is_named_later) {
    host_guard guard;
    EXPECT_EQ(goes(guard, "http://localhost/"), "refused");
    guard.allow("LOCALHOST");
    EXPECT_EQ(goes(guard, "http://localhost/"), "goes");
}

TEST(host_guard, says_where_the_token_would_have_gone_and_what_to_do) {
    const host_guard guard;
    EXPECT_EQ(
        guard.check(*text::parse_url("https://evil.example:8443/api?token=s3cret")).error().detail,
        "the token does not go to evil.example: it is neither an app (*.databricksapps.com) nor the workspace; if you "
        "trust it, name it in client_options::allow_hosts");
    EXPECT_EQ(
        guard.check(*text::parse_url("http://evil.example/?token=s3cret")).error().detail,
        "plain http would show the token to everybody on the way to evil.example; use https (http is for loopback "
        "hosts only)");
}

}  // namespace
}  // namespace dbxapps::apps
