// The server and the programs that the cases are run against do what the cases rely on.
#include <conformance/case_world.hpp>
#include <conformance/fake_programs.hpp>
#include <conformance/mock_server.hpp>
#include <conformance/run_on.hpp>

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include <cstdio>

namespace dbxapps::conformance {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

auth_case case_of(std::string_view json) {
    auth_case out;
    out.kind = "request";
    out.whole = boost::json::parse({json.data(), json.size()}).as_object();
    return out;
}

const std::string_view one_token = R"({"http": [
    {"method": "GET", "path": "/.well-known/databricks-config", "status": 200, "response": {}},
    {"method": "POST", "path": "/token?a=1", "status": 200, "response": {"expires_on": "@now+60"},
     "headers": {"X-Y": "z"}, "expect_form": {"scope": "all-apis"}, "expect_headers": {"Authorization": "Basic eA=="}}
]})";

struct mocked : testing::Test {
    result<response> ask(std::string method, std::string url, std::string body = {}, std::string authorization = {}) {
        transport_request r(std::move(method), std::move(url));
        r.body = std::move(body);
        if (!authorization.empty()) r.headers = {{"Authorization", authorization}};
        mapped_transport via(*real, server);
        return run_on(io, via.exchange(std::move(r), clock::now() + 20s));
    }
    asio::io_context io;
    mock_server server{io, listed_answers(case_of(one_token), "https://host.test", 1000)};
    const std::unique_ptr<transport> real = real_transport(io);
};

TEST_F(mocked, answers_what_is_listed_for_the_url_that_was_meant) {
    const auto got = ask("POST", "https://host.test/token?a=1", "scope=all-apis&more=1", "Basic eA==");
    ASSERT_TRUE(got) << got.error().detail;
    EXPECT_EQ(got->status(), 200);
    EXPECT_EQ(got->body(), R"({"expires_on":"1060"})");
    EXPECT_EQ(got->header("x-y"), "z");
    EXPECT_TRUE(server.troubles().empty()) << testing::PrintToString(server.troubles());
}

TEST_F(mocked, says_what_is_not_as_listed) {
    ASSERT_TRUE(ask("POST", "https://host.test/token?a=1", "scope=sql&client_id=x", "Basic eQ=="));
    const auto said = server.troubles();
    ASSERT_EQ(said.size(), 3u);
    EXPECT_EQ(said[0], "POST https://host.test/token?a=1: the header Authorization is 'Basic eQ==', not 'Basic eA=='");
    EXPECT_EQ(said[1], "POST https://host.test/token?a=1: the field scope is 'sql', not 'all-apis'");
    EXPECT_EQ(said[2], "POST https://host.test/token?a=1: client_id is 'x', not ''");
}

TEST_F(mocked, has_404_for_all_else_and_misses_what_was_not_asked_for) {
    for (const auto* url : {"https://other.test/token?a=1", "https://host.test/token", "http://localhost:1/x"}) {
        const auto got = ask("POST", url);
        ASSERT_TRUE(got) << got.error().detail;
        EXPECT_EQ(got->status(), 404);
    }
    EXPECT_EQ(server.troubles(), std::vector<std::string>{"POST https://host.test/token?a=1 was not asked for"});
    EXPECT_EQ(server.log().size(), 3u);
}

TEST_F(mocked, is_not_asked_what_no_real_server_would_be) {
    const auto got = ask("GET", "http://host.test/x");
    ASSERT_FALSE(got);
    EXPECT_TRUE(got.error().is(errc::bad_request)) << got.error().detail;
    EXPECT_TRUE(server.log().empty());
}

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
