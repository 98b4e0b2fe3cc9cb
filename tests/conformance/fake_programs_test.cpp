// The programs that the cases are run with do what they rely on.
#include <conformance/case_world.hpp>
#include <conformance/fake_programs.hpp>

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include <cstdio>
#include <cstdlib>

namespace dbxapps::conformance {
namespace {

// What a program says on both of its outputs.
std::string said_by(const std::string& command) {
    std::string out;
    FILE* from = ::popen((command + " 2>&1").c_str(), "r");
    for (int c; from && (c = std::fgetc(from)) != EOF;)
        out += static_cast<char>(c);
    if (from && ::pclose(from) != 0) out += " (failed)";
    return out;
}

auth_case needing(std::string what, std::map<std::string, std::string> env = {}) {
    auth_case out;
    out.needs = {std::move(what)};
    out.env = std::move(env);
    return out;
}

std::string az_token(std::map<std::string, std::string> env, const std::string& more = {}) {
    const case_world world(needing("fake_az", std::move(env)));
    return said_by("az account get-access-token --resource r " + more);
}

TEST(fake_programs, az_is_as_the_variables_say) {
    EXPECT_NE(az_token({}).find(R"("accessToken": "...")"), std::string::npos);
    EXPECT_NE(az_token({{"TF_AAD_TOKEN", "x"}}).find(R"("accessToken": "x")"), std::string::npos);
    EXPECT_EQ(az_token({{"FAIL", "yes"}}), "This is just a failing script.\n (failed)");
    EXPECT_EQ(az_token({{"FAIL", "logout"}}),
              "No subscription found. Run 'az account set' to select a subscription.\n (failed)");
    EXPECT_EQ(az_token({{"FAIL_IF", "r"}}), " (failed)");
    EXPECT_NE(az_token({{"FAIL_IF_TENANT_ID_SET", "true"}}), " (failed)");
    EXPECT_EQ(az_token({{"FAIL_IF_TENANT_ID_SET", "true"}}, "--tenant t"), " (failed)");
    EXPECT_TRUE(boost::json::parse(az_token({})).is_object());
    EXPECT_THROW((void)boost::json::parse(az_token({{"FAIL", "corrupt"}})), std::exception);
    const case_world world(needing("fake_az", {{"FAIL", "yes"}, {"AZ_USER_TYPE", "t"}}));
    EXPECT_EQ(said_by("az account show"), "{\"user\": {\"name\": \"testuser@databricks.com\", \"type\": \"t\"}}\n");
}

TEST(fake_programs, databricks_says_its_version_unless_that_is_unknown) {
    {
        const case_world world(needing("fake_cli:v0.296.0"));
        EXPECT_EQ(said_by("databricks version"), "Databricks CLI v0.296.0\n");
        EXPECT_NE(said_by("databricks auth token").find(R"("access_token": "test-token")"), std::string::npos);
    }
    {
        const case_world world(needing("fake_cli:unknown"));
        EXPECT_TRUE(boost::json::parse(said_by("databricks version")).is_object());
    }
    const case_world world(needing("fake_cli_stderr:no login"));
    EXPECT_EQ(said_by("databricks auth token"), "no login\n (failed)");
}

TEST(case_world, shows_the_variables_of_the_case_and_no_others) {
    ::setenv("DBXAPPS_STRAY", "1", 1);
    {
        const case_world world(needing("empty_path", {{"FAIL", "x"}}));
        EXPECT_EQ(::getenv("DBXAPPS_STRAY"), nullptr);
        EXPECT_STREQ(::getenv("FAIL"), "x");
        EXPECT_EQ(world.surroundings().variable("HOME"), world.home());
        EXPECT_NE(said_by("az"), "");
    }
    EXPECT_STREQ(::getenv("DBXAPPS_STRAY"), "1");
    ::unsetenv("DBXAPPS_STRAY");
}

}  // namespace
}  // namespace dbxapps::conformance
