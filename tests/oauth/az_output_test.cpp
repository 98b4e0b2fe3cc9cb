#include <oauth/az_output.hpp>

#include <config/config_error.hpp>

#include <gtest/gtest.h>

namespace dbxapps::oauth {
namespace {

using config::config_error;
using words = std::vector<std::string>;
using commands = std::vector<words>;

constexpr std::int64_t now = 1893456000;  // 2030-01-01T00:00:00Z
const std::string resource_id = "/subscriptions/123/resourceGroups/abc";

std::optional<std::int64_t> an_hour_ahead(std::tm t) { return *in_utc(t) - 3600; }

words plain() { return {"account", "get-access-token", "--resource", "app", "--output", "json"}; }
words with(std::string flag, std::string value) {
    auto out = plain();
    out.push_back(std::move(flag));
    out.push_back(std::move(value));
    return out;
}

TEST(AzAccount, TellsWhoIsLoggedIn) {
    EXPECT_EQ(read_az_account(R"({"user":{"name":"me@x","type":"user"}})"), az_user::person);
    EXPECT_EQ(read_az_account(R"({"user":{"name":"1-2-3","type":"servicePrincipal"}})"), az_user::service_principal);
    for (const auto* name : {"systemAssignedIdentity", "userAssignedIdentity"}) {
        EXPECT_EQ(read_az_account(std::string(R"({"user":{"name":")") + name + R"(","type":"servicePrincipal"}})"),
                  az_user::managed_identity);
        EXPECT_EQ(read_az_account(std::string(R"({"user":{"name":")") + name + R"(","type":"user"}})"),
                  az_user::person);
    }
    for (const auto* text : {"", "[]", "{}", R"({"user":1})", R"({"user":{"type":1}})"})
        EXPECT_EQ(read_az_account(text), az_user::person) << text;
}

TEST(AzCommands, AskInTheTenant) {
    EXPECT_EQ(az_token_arguments("app", az_user::person, "t", resource_id), (commands{with("--tenant", "t")}));
    EXPECT_EQ(az_token_arguments("app", az_user::service_principal, "t", resource_id),
              (commands{with("--tenant", "t"), plain()}));
}

TEST(AzCommands, AskInTheSubscriptionWhereNoTenantIsKnown) {
    EXPECT_EQ(az_token_arguments("app", az_user::person, "", resource_id),
              (commands{with("--subscription", "123"), plain()}));
    for (const auto* other : {"", "x", "/subscriptions", "/subscriptions/", "//"})
        EXPECT_EQ(az_token_arguments("app", az_user::person, "", other), (commands{plain()})) << other;
}

TEST(AzCommands, NeverTellAManagedIdentityItsTenant) {
    EXPECT_EQ(az_token_arguments("app", az_user::managed_identity, "t", ""), (commands{plain()}));
    EXPECT_EQ(az_token_arguments("app", az_user::managed_identity, "t", resource_id),
              (commands{with("--subscription", "123"), plain()}));
}

TEST(AzToken, EndsByTheEpochOrElseInLocalTime) {
    const auto life = [](const char* text) {
        const auto t = read_az_token(text, now, an_hour_ahead);
        EXPECT_TRUE(t) << t.error().detail;
        return t ? t->life() : std::nullopt;
    };
    using namespace std::chrono_literals;
    EXPECT_EQ(life(R"({"accessToken":"a","tokenType":"Bearer","expiresOn":"2030-01-01 01:00:10.000000"})"), 10s);
    EXPECT_EQ(life(R"({"accessToken":"a","expires_on":1893456020,"expiresOn":"2030-01-01 01:00:10.000000"})"), 20s);
    EXPECT_EQ(life(R"({"accessToken":"a","expires_on":"1893456020"})"), 20s);
    for (const std::string none : {"0", "-1", "\"\"", "null", "1e300"}) {
        const std::string both =
            R"({"accessToken":"a","expires_on":)" + none + R"(,"expiresOn":"2030-01-01 01:00:10.000000"})";
        EXPECT_EQ(life(both.c_str()), 10s) << none;
    }
}

TEST(AzToken, WhatIsNoneIsRefusedWithoutBeingRepeated) {
    for (const auto* text :
         {"", "{s3cret", R"({"tokenType":"Bearer"})", R"({"accessToken":"s3cret"})",
          R"({"accessToken":"s3cret","expires_on":1e300})", R"({"accessToken":"s3cret","expiresOn":"soon"})",
          R"({"accessToken":"s3cret","expires_on":1893456020,"tokenType":"pop"})"}) {
        const auto t = read_az_token(text, now, an_hour_ahead);
        ASSERT_FALSE(t) << text;
        EXPECT_EQ(t.error().cause, config_error::parse) << text;
        EXPECT_EQ(t.error().detail.find("s3cret"), std::string::npos) << t.error().detail;
    }
    const auto late = read_az_token(R"({"accessToken":"s3cret","expires_on":1893456000})", now, an_hour_ahead);
    ASSERT_FALSE(late);
    EXPECT_TRUE(late.error().is(errc::token_unavailable));
}

TEST(AzFailure, TellsAMissingLoginFromTrouble) {
    const auto none = az_failure("", "No subscription found. Run 'az account set' to select a subscription.");
    EXPECT_EQ(none.cause, config_error::no_credentials);
    const auto out = az_failure("", "ERROR: Please run 'az login' to setup account.\n");
    EXPECT_EQ(out.cause, config_error::login_required);
    EXPECT_EQ(out.detail, "cannot get access token: ERROR: Please run 'az login' to setup account.");
    const auto other = az_failure("ended with exit status 1", "ERROR: access_token=s3cret\n");
    EXPECT_TRUE(other.is(errc::token_unavailable));
    EXPECT_EQ(other.detail, "cannot get access token: ERROR: access_token=***");
    EXPECT_EQ(az_failure("ended with exit status 1", "").detail,
              "cannot get access token: az ended with exit status 1 and gave no reason");
}

}  // namespace
}  // namespace dbxapps::oauth
