#include <apps/edge_answer.hpp>

#include <support/answers.hpp>

#include <gtest/gtest.h>

#include <sstream>

namespace dbxapps::apps {
namespace {

constexpr std::string_view workspace = "ws.cloud.databricks.com";
constexpr edge_answer app{};
constexpr edge_answer not_signed_in{edge_verdict::not_signed_in, true};
constexpr edge_answer not_signed_in_but_maybe_seen{edge_verdict::not_signed_in, false};

edge_answer read(std::string_view status_and_fields, std::string_view body = {}, edge_question asked = {workspace}) {
    const std::string text = "HTTP/1.1 " + std::string(status_and_fields) +
                             "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
    return read_edge_answer(support::answer(text), asked);
}

TEST(edge_answer, every_way_in_which_the_front_door_refuses_a_token_is_known) {
    const std::string login =
        "\r\nLocation: https://ws.cloud.databricks.com/oidc/oauth2/v2.0/authorize?client_id=x&state=y"
        "\r\nSet-Cookie: __Host-databricksapps_csrf=z";
    EXPECT_EQ(read("302 Found" + login), not_signed_in) << "no credential, or a PAT, outside /api/";
    EXPECT_EQ(read("302 Found" + login, "<html>sign in</html>"), not_signed_in);
    EXPECT_EQ(read("303 See Other" + login), not_signed_in_but_maybe_seen);
    EXPECT_EQ(read("307 Temporary Redirect" + login), not_signed_in_but_maybe_seen) << "a POST";
    EXPECT_EQ(read("401 Unauthorized"), not_signed_in) << "under /api/, with an empty body";
    EXPECT_EQ(read("401 Unauthorized\r\nServer: databricks"), not_signed_in);
    EXPECT_EQ(read("302 Found\r\nLocation: /oidc/oauth2/v2.0/authorize"), not_signed_in) << "an expired bearer";
    EXPECT_EQ(read("302 Found\r\nLocation: /.auth/login?next=/"), not_signed_in) << "an expired bearer";
}

TEST(edge_answer, a_401_with_a_body_does_not_prove_that_the_app_saw_nothing) {
    EXPECT_EQ(read("401 Unauthorized", R"({"error":"unauthorized"})"), not_signed_in_but_maybe_seen);
    EXPECT_EQ(read("401 Unauthorized", " "), not_signed_in_but_maybe_seen);
}

TEST(edge_answer, with_gap_auth_every_answer_is_the_apps_own) {
    for (const std::string gap : {"\r\ngap-auth: someone@example.com", "\r\nGAP-AUTH: x", "\r\nGap-Auth:"}) {
        EXPECT_EQ(read("401 Unauthorized" + gap), app) << gap;
        EXPECT_EQ(read("401 Unauthorized" + gap, "no"), app) << gap;
        EXPECT_EQ(read("302 Found\r\nLocation: https://ws.cloud.databricks.com/oidc/x" + gap), app) << gap;
        EXPECT_EQ(read("307 Temporary Redirect\r\nLocation: /.auth/login" + gap), app) << gap;
        EXPECT_EQ(read("403 Forbidden" + gap), app) << gap;
        EXPECT_EQ(read("200 OK" + gap, "hello"), app) << gap;
    }
    EXPECT_EQ(read("401 Unauthorized\r\nX-Gap-Auth: x\r\ngap: auth\r\nX: gap-auth"), not_signed_in)
        << "look-alikes do not count";
}

// Facts, 1.3 and 1.4: what is no refusal of the token, but no answer of the app either.
TEST(edge_answer, every_other_answer_of_the_front_door_is_known) {
    const std::string html = "\r\nContent-Type: text/html; charset=utf-8";
    const std::string json = "\r\nContent-Type: application/json";
    constexpr std::string_view acl = "Source IP address: 192.0.2.1 is blocked by Databricks IP ACL for workspace: 1";
    EXPECT_EQ(read("403 Forbidden"), edge_answer{edge_verdict::no_permission});
    EXPECT_EQ(read("403 Forbidden" + json, R"({"message":"no"})"), edge_answer{edge_verdict::no_permission});
    EXPECT_EQ(read("403 Forbidden", "Invalid Token"), not_signed_in_but_maybe_seen) << "an expired bearer";
    EXPECT_EQ(read("403 Forbidden" + json, R"({"error_code":403,"message":"Invalid access token. [ReqId: x]"})"),
              not_signed_in_but_maybe_seen);
    EXPECT_EQ(read("403 Forbidden" + json, "{\"message\":\"" + std::string(acl) + "\"}"),
              edge_answer{edge_verdict::ip_blocked});
    EXPECT_EQ(read("302 Found\r\nLocation: "
                   "https://ws.cloud.databricks.com/login.html?error=private-link-validation-error:1"),
              (edge_answer{edge_verdict::private_link, true}));
    EXPECT_EQ(read("404 Not Found" + html, "<h1>App Not Found</h1>"), edge_answer{edge_verdict::app_not_found});
    EXPECT_EQ(read("404 Not Found"), edge_answer{edge_verdict::app_not_found});
    EXPECT_EQ(read("404 Not Found" + json, R"({"message":"Resource apps.App not found"})"),
              edge_answer{edge_verdict::app_not_found});
    EXPECT_EQ(read("404 Not Found" + json, R"({"detail":"Not Found"})"), app) << "as a framework would say it";
    EXPECT_EQ(read("502 Bad Gateway" + html, "<title>App Not Available</title>"),
              edge_answer{edge_verdict::app_unavailable});
    EXPECT_EQ(read("502 Bad Gateway"), edge_answer{edge_verdict::app_unavailable});
    EXPECT_EQ(read("503 Service Unavailable"), edge_answer{edge_verdict::app_stopped});
    EXPECT_EQ(read("503 Service Unavailable" + html, "<h1>Stopped</h1>"), edge_answer{edge_verdict::app_stopped});
    EXPECT_EQ(read("503 Service Unavailable" + html, "<h1>App Not Available</h1>"),
              edge_answer{edge_verdict::app_unavailable});
    EXPECT_EQ(read("503 Service Unavailable\r\nContent-Type: text/plain", "upstream connect error"),
              edge_answer{edge_verdict::app_unavailable});
    EXPECT_EQ(read("504 Gateway Timeout", "stream timeout"), edge_answer{edge_verdict::front_door_timeout});
    EXPECT_EQ(read("429 Too Many Requests"), edge_answer{edge_verdict::rate_limited});
}

TEST(edge_answer, a_page_is_no_answer_to_who_asked_for_something_else) {
    const auto asked_for = [](std::string_view fields) { return edge_question{.fields = fields}; };
    constexpr std::string_view html = "200 OK\r\nContent-Type: text/html; charset=utf-8";
    constexpr std::string_view page = "\xef\xbb\xbf\r\n <!doctype html><title>Sign in</title>";
    for (const auto fields : {"Accept: application/json\r\n", "X: y\r\naccept:application/json, text/event-stream\r\n",
                              "Accept: \r\n", "Accept:application/json\r\nAccept: text/plain\r\n"}) {
        EXPECT_EQ(read(html, page, asked_for(fields)), not_signed_in_but_maybe_seen) << fields;
        EXPECT_EQ(read(std::string(html) + "\r\ngap-auth: x", page, asked_for(fields)), app) << fields;
        EXPECT_EQ(read(html, R"({"a":1})", asked_for(fields)), app) << fields;
        EXPECT_EQ(read(html, "", asked_for(fields)), app) << fields;
        EXPECT_EQ(read("200 OK\r\nContent-Type: application/json", "<", asked_for(fields)), app) << fields;
    }
    for (const auto fields : {"", "X-Accept: application/json\r\n", "Accept: */*\r\n", "accept: TEXT/HTML;q=0.9\r\n",
                              "Accept: application/json, text/*;q=0.1\r\n",
                              "Accept: application/json\r\nAccept: */*\r\n", "Accept: application/xhtml+xml\r\n"}) {
        EXPECT_EQ(read(html, page, asked_for(fields)), app) << fields;
    }
}

TEST(edge_answer, other_answers_are_left_to_the_caller) {
    for (const std::string status :
         {"200 OK", "204 No Content", "400 Bad Request", "405 Method Not Allowed", "407 Proxy Authentication Required",
          "413 Content Too Large", "500 Internal Server Error", "501 Not Implemented"}) {
        EXPECT_EQ(read(status), app) << status;
        EXPECT_EQ(read(status + "\r\nLocation: https://ws.cloud.databricks.com/oidc/x"), app) << status;
    }
}

TEST(edge_answer, where_no_front_door_is_only_logins_are_known) {
    const edge_question elsewhere{.workspace_host = workspace, .app_host = false};
    EXPECT_EQ(read("401 Unauthorized", "", elsewhere), not_signed_in);
    EXPECT_EQ(read("302 Found\r\nLocation: /login", "", elsewhere), not_signed_in_but_maybe_seen)
        << "after a POST to /logout, say";
    EXPECT_EQ(read("302 Found\r\nLocation: https://ws.cloud.databricks.com/sql", "", elsewhere), app)
        << "the workspace sends on to itself";
    for (const std::string status : {"403 Forbidden", "404 Not Found", "429 Too Many Requests", "502 Bad Gateway",
                                     "503 Service Unavailable", "504 Gateway Timeout"}) {
        EXPECT_EQ(read(status, "", elsewhere), app) << status;
    }
    EXPECT_EQ(read("403 Forbidden", R"({"error_code":403,"message":"Invalid access token. [ReqId: x]"})", elsewhere),
              not_signed_in_but_maybe_seen)
        << "an expired token, as a workspace says it";
    EXPECT_EQ(read("400 Bad Request", "Invalid access token", elsewhere), app);
    EXPECT_EQ(
        read("200 OK\r\nContent-Type: text/html", "<p>", {.app_host = false, .fields = "Accept: application/json\r\n"}),
        app);
}

TEST(edge_answer, redirects_of_the_app_itself_are_the_apps) {
    for (const auto location : {"/", "/home", "/api/login", "/logins", "/login-history", "/oidc", "/.authx", "home",
                                "?x", "https://app.aws.databricksapps.com/", "https://elsewhere.example/welcome", ""}) {
        EXPECT_EQ(read(std::string("302 Found\r\nLocation: ") + location), app) << location;
    }
    EXPECT_EQ(read("302 Found"), app) << "no Location at all";
    EXPECT_EQ(read("301 Moved Permanently\r\nLocation: /oidc/x"), app) << "a login is never permanent";
    EXPECT_EQ(read("304 Not Modified\r\nLocation: /oidc/x"), app);
}

TEST(edge_answer, a_login_is_known_by_its_path_on_any_host_or_by_the_workspace) {
    for (const auto location : {"/oidc/",
                                "/oidc/v1/authorize",
                                "/.auth/",
                                "/.auth/login",
                                "/login",
                                "/login/",
                                "/login?next=/",
                                "/login#x",
                                "/login.html?error=private-link-validation-error",
                                "https://other.example/oidc/x",
                                "https://other.example/login",
                                "//other.example/.auth/login",
                                "https://app.aws.databricksapps.com/login?x",
                                "https://other.example:8443/oidc/x",
                                "https://ws.cloud.databricks.com",
                                "https://ws.cloud.databricks.com/",
                                "https://WS.Cloud.Databricks.COM/anything",
                                "https://ws.cloud.databricks.com:443/anything",
                                "https://ws.cloud.databricks.com?o=1",
                                "http://ws.cloud.databricks.com/x",
                                "//ws.cloud.databricks.com/x"}) {
        EXPECT_TRUE(is_login_location(location, workspace)) << location;
    }
    for (const auto location : {"",
                                "/",
                                "x",
                                "login",
                                "/Login",
                                "/loginx",
                                "/x/login",
                                "/x/oidc/",
                                "/oidcx/",
                                "https://other.example/x",
                                "https://other.example",
                                "https://ws.cloud.databricks.com.evil.example/x",
                                "https://xws.cloud.databricks.com/x",
                                "https://other.example/?next=https://ws.cloud.databricks.com/x",
                                "/x?next=https://ws.cloud.databricks.com/oidc/",
                                "/x//ws.cloud.databricks.com/",
                                "/x?next=//ws.cloud.databricks.com/",
                                "https://other.example/x/oidc/",
                                "https://user@ws.example/",
                                "https:",
                                "https://",
                                "//",
                                ":"}) {
        EXPECT_FALSE(is_login_location(location, workspace)) << location;
    }
}

TEST(edge_answer, without_a_workspace_only_paths_tell) {
    EXPECT_TRUE(is_login_location("https://ws.cloud.databricks.com/oidc/x", ""));
    EXPECT_FALSE(is_login_location("https://ws.cloud.databricks.com/x", ""));
    EXPECT_FALSE(is_login_location("https:///x", "")) << "no host is not the workspace";
}

TEST(edge_answer, verdicts_print_as_words) {
    std::ostringstream out;
    out << edge_verdict::app << " " << edge_verdict::not_signed_in;
    EXPECT_EQ(out.str(), "app not_signed_in");
}

}  // namespace
}  // namespace dbxapps::apps
