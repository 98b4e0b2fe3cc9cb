#include <oauth/cli_output.hpp>

#include <config/config_error.hpp>
#include <oauth/program_output.hpp>
#include <text/encoding.hpp>

#include <gtest/gtest.h>

namespace dbxapps::oauth {
namespace {

using config::config_error;
using words = std::vector<std::string>;

constexpr std::int64_t now = 1893456000;  // 2030-01-01T00:00:00Z

cli_version version(const char* text) {
    const auto v = read_version_text(std::string("Databricks CLI ") + text);
    EXPECT_TRUE(v) << text;
    return v ? *v : cli_version();
}

cli_login of_host(std::string host = "https://w.cloud.databricks.com") {
    cli_login out;
    out.path = "/bin/databricks";
    out.host = std::move(host);
    return out;
}

words command(const cli_login& login, const char* v, refreshing how = refreshing::forced_if_known) {
    const auto out = cli_command(login, v ? std::optional(version(v)) : std::nullopt, how);
    EXPECT_TRUE(out) << out.error().detail;
    return out ? *out : words();
}

TEST(CliVersion, IsReadFromEitherForm) {
    EXPECT_EQ(version("v0.207.1").text(), "v0.207.1");
    EXPECT_EQ(version("v0.0.0-dev").text(), "v0.0.0-dev");
    EXPECT_EQ(version("v1.2.3-rc.1+build.5-x\n").text(), "v1.2.3-rc.1");
    EXPECT_EQ(version("v1.2.3+build-7").text(), "v1.2.3");
    EXPECT_EQ(read_cli_version("Databricks CLI v0.296.0\n")->text(), "v0.296.0");
    EXPECT_EQ(read_cli_version(R"( {"Major":0,"Minor":296,"Patch":2,"Prerelease":"rc.1"})")->text(), "v0.296.2-rc.1");
    EXPECT_EQ(read_version_json(R"({"Major":0,"Minor":1,"Patch":2,"Version":"x"})")->text(), "v0.1.2");
}

TEST(CliVersion, NothingElseIsOne) {
    for (const auto* text :
         {"", "not a version", "Databricks CLI v", "Databricks CLI v1.2", "Databricks CLI v1.2.3.4",
          "Databricks CLI v1.2.x", "Databricks CLI v1.2.3-", "Databricks CLI v-1.2.3",
          "Databricks CLI v1.2.99999999999", "Version 1.2.3", "{}", "[1]", R"({"Minor":207,"Patch":1})",
          R"({"Major":-1,"Minor":207,"Patch":1})", "Databricks CLI v1.2.3-rc\x1b[31m",
          R"({"Major":0,"Minor":207,"Patch":1,"Prerelease":"dev\u001b[31m"})",
          R"({"access_token":"acc3ss-t0ken","token_type":"Bearer"})"}) {
        const auto v = read_cli_version(text);
        ASSERT_FALSE(v) << text;
        EXPECT_EQ(v.error().cause, config_error::parse) << text;
        EXPECT_EQ(v.error().detail.find("acc3ss"), std::string::npos) << v.error().detail;
    }
}

TEST(CliVersion, APreReleaseComesBeforeItsRelease) {
    const std::array<std::uint32_t, 3> release{0, 296, 0};
    for (const auto* at_least : {"v0.296.0", "v0.296.1", "v0.296.1-rc", "v1.0.0", "v0.297.0-dev"})
        EXPECT_TRUE(version(at_least).at_least(release)) << at_least;
    for (const auto* before : {"v0.296.0-rc.1", "v0.295.9", "v0.100.300", "v0.0.0-dev"})
        EXPECT_FALSE(version(before).at_least(release)) << before;
}

TEST(CliCommand, FollowsTheTable) {
    auto login = of_host();
    const words by_host = {"/bin/databricks", "auth", "token", "--host", login.host};
    EXPECT_EQ(command(login, "v0.200.0"), by_host);
    EXPECT_EQ(command(login, nullptr), by_host);
    auto forced = by_host;
    forced.emplace_back("--force-refresh");
    EXPECT_EQ(command(login, "v0.296.0"), forced);
    EXPECT_EQ(command(login, "v0.296.0-rc.1"), by_host);
    EXPECT_EQ(command(login, "v0.296.0", refreshing::by_itself), by_host);

    login.account_id = "abc-123";
    EXPECT_EQ(command(login, "v0.295.0"), by_host);
    login.profile = "my profile";
    EXPECT_EQ(command(login, "v0.207.0"), by_host);
    EXPECT_EQ(command(login, "v0.0.0-dev"), by_host);
    EXPECT_EQ(command(login, nullptr), by_host);
    EXPECT_EQ(command(login, "v0.207.1"), (words{"/bin/databricks", "auth", "token", "--profile", "my profile"}));
    login.host.clear();
    EXPECT_EQ(command(login, "v1.0.0"),
              (words{"/bin/databricks", "auth", "token", "--profile", "my profile", "--force-refresh"}));
}

TEST(CliCommand, AnAccountsConsoleNeedsTheAccount) {
    auto login = of_host("https://accounts.cloud.databricks.com");
    login.account_host = true;
    login.account_id = "abc-123";
    EXPECT_EQ(command(login, "v0.200.0"),
              (words{"/bin/databricks", "auth", "token", "--host", login.host, "--account-id", "abc-123"}));
    login.account_id.clear();
    EXPECT_EQ(command(login, "v0.200.0").size(), 5u);
}

TEST(CliCommand, SomethingHasToSayWhoseToken) {
    const auto nothing = cli_command(of_host(""), version("v0.296.0"));
    ASSERT_FALSE(nothing);
    EXPECT_EQ(nothing.error().cause, config_error::cli_command);
    EXPECT_NE(nothing.error().detail.find("neither profile nor host is configured"), std::string::npos);
    auto login = of_host("");
    login.profile = "p";
    const auto old = cli_command(login, version("v0.207.0"));
    ASSERT_FALSE(old);
    EXPECT_EQ(old.error().cause, config_error::cli_command);
    EXPECT_EQ(old.error().detail,
              "databricks CLI v0.207.0 does not support --profile (requires >= v0.207.1) and no host fallback is "
              "configured");
    EXPECT_NE(cli_command(login, std::nullopt).error().detail.find("of unknown version"), std::string::npos);
}

TEST(CliToken, LivesUntilItsExpiry) {
    const auto t = read_cli_token(
        R"({"access_token":"abc","token_type":"bearer","expiry":"2030-01-01T02:00:30.5+01:00","other":1})", now);
    ASSERT_TRUE(t) << t.error().detail;
    EXPECT_EQ(t->authorization(), "Bearer abc");
    EXPECT_EQ(t->life(), std::chrono::seconds(3630));
    EXPECT_EQ(read_cli_token(R"({"access_token":"abc","expiry":"2030-01-01 00:10:00.123"})", now)->life(),
              std::chrono::minutes(10));
    EXPECT_EQ(read_cli_token(R"({"access_token":"abc","expires_in":60})", now)->life(), std::chrono::minutes(1));
    EXPECT_LT(*read_cli_token(R"({"access_token":"abc","expiry":"9999-12-31T23:59:59Z"})", now)->life(),
              std::chrono::hours(24 * 3661));
}

TEST(CliToken, WithoutAnExpiryItEndsByItsOwnWordOrNever) {
    const std::string jwt = "e30." + text::base64url(R"({"exp":)" + std::to_string(now + 90) + "}") + ".sig";
    for (const std::string more :
         {"", R"(,"expiry":"")", R"(,"expiry":null)", R"(,"expiry":"0001-01-01T00:00:00Z")", R"(,"expires_in":0)"}) {
        const auto opaque = read_cli_token(R"({"access_token":"abc")" + more + "}", now);
        ASSERT_TRUE(opaque) << more << ": " << opaque.error().detail;
        EXPECT_EQ(opaque->life(), std::nullopt) << more;
        const auto telling = read_cli_token(R"({"access_token":")" + jwt + "\"" + more + "}", now);
        ASSERT_TRUE(telling) << more << ": " << telling.error().detail;
        EXPECT_EQ(telling->life(), std::chrono::seconds(90)) << more;
        EXPECT_FALSE(read_cli_token(R"({"access_token":")" + jwt + "\"" + more + "}", now + 90)) << more;
    }
    EXPECT_EQ(read_cli_token(R"({"access_token":"abc","expiry":"0001-01-01T00:00:00Z","expires_in":5})", now)->life(),
              std::chrono::seconds(5));
    EXPECT_EQ(read_cli_token(R"({"access_token":")" + jwt + R"(","expiry":"2030-01-01T00:00:30Z"})", now)->life(),
              std::chrono::seconds(30))
        << "what the CLI says counts first";
}

TEST(CliToken, WhatIsNoneIsRefusedWithoutBeingRepeated) {
    for (const auto* text :
         {"", "s3cret", "[]", R"({"token_type":"Bearer"})", R"({"access_token":"","expiry":"2031-01-01T00:00:00Z"})",
          R"({"access_token":"s3cret","expiry":"soon","expires_in":0})", R"({"access_token":"s3cret","expiry":"soon"})",
          R"({"access_token":"s3cret","expires_in":1e300})",
          R"({"access_token":"s3cret\n","expiry":"2031-01-01T00:00:00Z"})",
          R"({"access_token":"s3cret","expiry":"2031-01-01T00:00:00Z","token_type":"mac"})"}) {
        const auto t = read_cli_token(text, now);
        ASSERT_FALSE(t) << text;
        EXPECT_EQ(t.error().cause, config_error::parse) << text;
        EXPECT_EQ(t.error().detail.find("s3cret"), std::string::npos) << t.error().detail;
    }
    const auto late = read_cli_token(R"({"access_token":"s3cret","expiry":"2029-12-31T23:59:50Z"})", now);
    ASSERT_FALSE(late);
    EXPECT_TRUE(late.error().is(errc::token_unavailable));
    EXPECT_NE(late.error().detail.find("ended 10 s ago"), std::string::npos) << late.error().detail;
}

TEST(CliFailure, SaysWhatThePersonHasToDo) {
    auto login = of_host();
    login.profile = "it's";
    struct row {
        const char* err;
        config_error kind;
        const char* advice;
    };
    for (const row& r : {
             row{"Error: cache: databricks OAuth is not configured for this host. ", config_error::login_required,
                 "run: databricks auth login --host https://w.cloud.databricks.com --profile 'it'\\''s'"},
             row{"refresh token is invalid", config_error::login_required, "run: databricks auth login"},
             row{"no profiles configured", config_error::login_required, "run: databricks auth login"},
             row{"profile \"P\" uses M2M authentication (client_id/client_secret)", config_error::cli_command,
                 "another profile"},
             row{"A and B match https://h in /x. Use --profile to specify which profile to use",
                 config_error::cli_command, "name the profile"},
             row{"Error: unknown flag: --force-refresh", config_error::cli_command, "upgrade"},
         }) {
        const auto why = cli_failure(login, "ended with exit status 1", r.err);
        EXPECT_EQ(why.cause, r.kind) << why.detail;
        EXPECT_TRUE(why.detail.starts_with("cannot get access token: ")) << why.detail;
        EXPECT_NE(why.detail.find(r.advice), std::string::npos) << why.detail;
    }
    const auto own =
        cli_failure(login, "", "the refresh token is invalid. Run:\n  $ databricks auth login --profile P");
    EXPECT_EQ(own.detail,
              "cannot get access token: the refresh token is invalid. Run: $ databricks auth login --profile P");
}

TEST(CliFailure, AnythingElseMayPass) {
    const auto why = cli_failure(of_host(), "ended with exit status 45", "  cache update: \x1b[1mno\n\n way\r\n");
    EXPECT_TRUE(why.is(errc::token_unavailable));
    EXPECT_EQ(why.detail, "cannot get access token: cache update: .[1mno way");
    EXPECT_EQ(cli_failure(of_host(), "ended with exit status 45", " \n").detail,
              "cannot get access token: /bin/databricks ended with exit status 45 and gave no reason");
    EXPECT_TRUE(is_refresh_conflict("Error: cache update: x"));
    EXPECT_TRUE(is_refresh_conflict("forced token refresh: x"));
    EXPECT_FALSE(is_refresh_conflict("Error: timed out"));
}

TEST(CliFailure, RepeatsNoSecretAndKeepsTheEndOfLongWords) {
    const std::string jwt = "eyJhbGciOiJS.eyJzdWIiOiJt.c2lnbmF0dXJl";
    const std::string line = said("first " + jwt + " " + std::string(2000, '.') + " refresh_token=r3fresh last");
    EXPECT_EQ(line.find("eyJ"), std::string::npos);
    EXPECT_EQ(line.find("r3fresh"), std::string::npos);
    EXPECT_TRUE(line.starts_with("...") && line.ends_with(" refresh_token=*** last")) << line;
    EXPECT_EQ(line.size(), 603u);
}

TEST(CliScopes, HaveToBeTheSameSet) {
    const auto check = [](const words& wanted, const std::string& claims) {
        return check_scopes(wanted, token("e30." + text::base64url(claims) + ".sig"), of_host());
    };
    EXPECT_TRUE(check({"sql"}, R"({"scope":"sql offline_access"})"));
    EXPECT_TRUE(check({"sql", " clusters ", "sql", "offline_access", ""}, R"({"scope":"clusters sql"})"));
    EXPECT_TRUE(check({"sql", "clusters"}, R"({"scope":["clusters","sql"]})"));
    for (const auto* claims :
         {R"({"scope":"sql clusters"})", R"({"scope":"sql"})", R"({"scope":"sql compute x"})", "{}"}) {
        const auto r = check({"sql", "compute"}, claims);
        ASSERT_FALSE(r) << claims;
        EXPECT_EQ(r.error().cause, config_error::scope_mismatch);
        EXPECT_TRUE(r.error().is(errc::login_required));
        EXPECT_NE(r.error().detail.find("databricks auth login"), std::string::npos) << r.error().detail;
        EXPECT_NE(r.error().detail.find("compute sql are asked for"), std::string::npos) << r.error().detail;
    }
    EXPECT_FALSE(check_scopes({"sql"}, token("opaque"), of_host()));
}

}  // namespace
}  // namespace dbxapps::oauth
