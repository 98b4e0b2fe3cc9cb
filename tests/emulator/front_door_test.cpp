#include <emulator/front_door.hpp>

#include <gtest/gtest.h>

namespace dbxapps::emulated {
namespace {

using namespace std::chrono_literals;

constexpr time_point now{1000s};

struct front_door_test : testing::Test {
    site where{"https://emulated.cloud.databricks.com:444", "cid", "emulator-secret-x", "acc"};
    token_book tokens{"cid", 300, 1h};
    front_door door{where, tokens};
    request_head head;
    answer out;
    std::string good = tokens.issue(now, {}).token;

    front_door_test() {
        head.method = "GET";
        head.host = "orders-1234567890123456.aws.databricksapps.com";
    }

    verdict ask(std::string target, std::string authorization, time_point when = now) {
        head.target = std::move(target);
        head.authorization = std::move(authorization);
        const verdict what = door.judge(head, when);
        out.reset(head.method == "HEAD", false);
        door.answer_to(what, head, body, "rid", out);
        return what;
    }
    bool says(std::string_view text) const { return out.bytes.find(text) != std::string::npos; }

    std::string body;
};

TEST_F(front_door_test, a_good_token_passes_on_any_path_and_any_letter_case_of_the_scheme) {
    for (const char* path : {"/", "/api", "/api/hello", "/logz?x=1"}) {
        EXPECT_EQ(ask(path, "Bearer " + good), verdict::let_through);
        EXPECT_EQ(ask(path, "bEARER  " + good + " "), verdict::let_through);
        EXPECT_TRUE(
            says("\r\ngap-auth: cid@emulated\r\nserver: databricks\r\nx-databricks-internal-pod-ip: "
                 "127.0.0.1\r\nx-request-id: rid\r\n"));
    }
}

TEST_F(front_door_test, whatever_is_no_good_token_gets_an_empty_401_under_api) {
    for (const std::string& bad : {std::string(), std::string("Bearer"), std::string("Bearer "), "Bearer x" + good,
                                   std::string("Bearer dapi0123456789abcdef"), std::string("Bearer dkea01"),
                                   std::string("Basic Y2lkOng="), good, "Token " + good}) {
        for (const char* path : {"/api", "/api/hello", "/api?x=1"}) {
            EXPECT_EQ(ask(path, bad), verdict::challenged) << path;
            EXPECT_EQ(out.bytes, "HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n");
        }
    }
}

TEST_F(front_door_test, an_expired_or_revoked_token_is_treated_like_none) {
    EXPECT_EQ(ask("/api/hello", "Bearer " + good, now + 1h), verdict::challenged);
    EXPECT_EQ(ask("/", "Bearer " + good, now + 1h), verdict::sent_away);
    tokens.revoke_all();
    EXPECT_EQ(ask("/api/hello", "Bearer " + good), verdict::challenged);
}

TEST_F(front_door_test, outside_api_a_stranger_is_sent_to_the_login_page) {
    for (const char* path : {"/", "/apix", "/ap", "/mcp", "/API/hello"})
        EXPECT_EQ(ask(path, ""), verdict::sent_away);
    EXPECT_TRUE(out.bytes.starts_with("HTTP/1.1 302 Found\r\n"));
    EXPECT_TRUE(
        says("location: https://emulated.cloud.databricks.com:444/oidc/oauth2/v2.0/authorize?client_id=orders&"
             "redirect_uri=https%3A%2F%2Forders-1234567890123456.aws.databricksapps.com%2F.auth%2Fcallback&"));
    EXPECT_TRUE(says("\r\nset-cookie: __Host-databricksapps_csrf=rid; Path=/;"));
    EXPECT_TRUE(says("\r\ncontent-length: 0\r\n"));
    EXPECT_FALSE(says("gap-auth"));
}

TEST_F(front_door_test, a_host_that_names_no_app_gets_a_page_whatever_its_token) {
    for (const char* host :
         {"", "localhost", "-1234567890123456.aws.databricksapps.com", "orders.aws.databricksapps.com",
          "a_b-1234567890123456.aws.databricksapps.com", "orders-1.aws.databricksapps.com",
          "orders-1234567890123456.aws.databricksapps.com.example"}) {
        head.host = host;
        EXPECT_EQ(ask("/api/hello", "Bearer " + good), verdict::no_such_app) << host;
        EXPECT_TRUE(out.bytes.starts_with("HTTP/1.1 404 "));
        EXPECT_TRUE(says("content-type: text/html"));
        EXPECT_FALSE(says("gap-auth"));
    }
}

TEST_F(front_door_test, the_apps_own_errors_carry_gap_auth) {
    for (const char* path : {"/api/status/401", "/api/status/503", "/api/nothing", "/"}) {
        ask(path, "Bearer " + good);
        EXPECT_TRUE(says("gap-auth: cid@emulated")) << path;
        EXPECT_FALSE(out.bytes.starts_with("HTTP/1.1 200 "));
    }
}

TEST_F(front_door_test, hello_names_the_app) {
    ask("/api/hello?q", "Bearer " + good);
    EXPECT_TRUE(out.bytes.ends_with("content-length: 34\r\n\r\n{\"message\":\"hello\",\"app\":\"orders\"}"));
    EXPECT_EQ(out.then, answer::rest::nothing);
}

TEST_F(front_door_test, head_gets_the_head_only) {
    head.method = "HEAD";
    ask("/api/hello", "Bearer " + good);
    EXPECT_TRUE(out.bytes.ends_with("content-length: 34\r\n\r\n"));
    ask("/api/bytes/70", "Bearer " + good);
    EXPECT_TRUE(out.bytes.ends_with("content-length: 70\r\n\r\n"));
    EXPECT_EQ(out.then, answer::rest::nothing);
}

TEST_F(front_door_test, echo_gives_the_body_back_with_its_type) {
    head.method = "PUT";
    head.content_type = "text/x";
    body = "ping";
    ask("/api/echo", "Bearer " + good);
    EXPECT_TRUE(says("content-type: text/x\r\ncontent-length: 4\r\n\r\nping"));
    body.assign(100'000, 'x');
    ask("/api/echo", "Bearer " + good);
    EXPECT_EQ(out.then, answer::rest::request_body);
    EXPECT_TRUE(out.bytes.ends_with("content-length: 100000\r\n\r\n"));
}

TEST_F(front_door_test, echo_without_a_body_describes_what_the_app_sees_and_hides_the_token) {
    head.method = "DELETE";
    head.fields = "Authorization: Bearer " + good + "\r\nX-Correlation-Id: \"7\xff\"\r\nX-Forwarded-User: forged\r\n";
    ask("/api/echo?a=1", "Bearer " + good);
    EXPECT_TRUE(says(R"("method":"DELETE","target":"/api/echo?a=1")"));
    EXPECT_TRUE(says(R"("x-correlation-id":"\"7?\"")"));
    EXPECT_TRUE(says(R"("x-forwarded-user":"cid@emulated")"));
    EXPECT_FALSE(says("forged"));
    EXPECT_FALSE(says("emulatortoken"));
}

TEST_F(front_door_test, a_status_is_served_between_200_and_599_only) {
    head.method = "POST";
    for (const int code : {200, 401, 599}) {
        ask("/api/status/" + std::to_string(code), "Bearer " + good);
        EXPECT_TRUE(out.bytes.starts_with("HTTP/1.1 " + std::to_string(code) + ' '));
    }
    for (const char* code : {"199", "600", "", "20x", "-1"}) {
        ask(std::string("/api/status/") + code, "Bearer " + good);
        EXPECT_TRUE(out.bytes.starts_with("HTTP/1.1 404 ")) << code;
    }
}

TEST_F(front_door_test, answers_that_have_no_body_by_their_status_have_no_length) {
    for (const char* code : {"204", "304"}) {
        ask(std::string("/api/status/") + code, "Bearer " + good);
        EXPECT_FALSE(says("content-length"));
        EXPECT_TRUE(out.bytes.ends_with("x-request-id: rid\r\n\r\n"));
    }
}

TEST_F(front_door_test, filler_is_left_to_the_connection) {
    ask("/api/bytes/5", "Bearer " + good);
    EXPECT_EQ(out.then, answer::rest::pattern);
    EXPECT_EQ(out.length, 5u);
    ask("/api/chunked/6", "Bearer " + good);
    EXPECT_EQ(out.then, answer::rest::chunks);
    EXPECT_TRUE(says("transfer-encoding: chunked\r\n"));
    head.chunks_understood = false;
    ask("/api/chunked/6", "Bearer " + good);
    EXPECT_EQ(out.then, answer::rest::pattern);
    ask("/api/bytes/1073741825", "Bearer " + good);
    EXPECT_TRUE(out.bytes.starts_with("HTTP/1.1 404 "));
}

TEST(answer, filler_goes_on_where_it_stopped) {
    EXPECT_EQ(filler_text(0, 3), "abc");
    EXPECT_EQ(filler_text(24, 4), "yzab");
    EXPECT_EQ(filler_text(1'000'003, 70'000).size(), 65'536u);
    EXPECT_EQ(filler_text(0, 65'536).back(), filler_text(65'535, 1)[0]);
}

TEST(answer, anything_of_three_bytes_or_more_comes_in_three_chunks_or_more) {
    for (const std::uint64_t length : {3u, 10u, 100u, 24'576u, 1'000'000u})
        EXPECT_GE((length + chunk_size(length) - 1) / chunk_size(length), 3u) << length;
    EXPECT_EQ(chunk_size(0), 1u);
}

}  // namespace
}  // namespace dbxapps::emulated
