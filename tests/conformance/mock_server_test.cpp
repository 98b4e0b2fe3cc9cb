// The server that the cases are run against does what they rely on.
#include <conformance/mock_server.hpp>
#include <conformance/run_on.hpp>

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

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

}  // namespace
}  // namespace dbxapps::conformance
