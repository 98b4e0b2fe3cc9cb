#include <apps/app_answers.hpp>

#include <support/answers.hpp>

namespace dbxapps::apps {
namespace {

using namespace std::chrono_literals;

const question about_orders{"GET https://ws.example/api/2.0/apps/orders", "orders", nullptr};
const question about_all{"GET https://ws.example/api/2.0/apps", {}, nullptr};

response said(std::string_view status, std::string_view body, std::string_view fields = "") {
    return support::answer("HTTP/1.1 " + std::string(status) + "\r\n" + std::string(fields) +
                           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
}
result<app_info> app(std::string_view body) { return read_app(said("200 OK", body), about_orders); }
result<app_page> page(std::string_view body) { return read_page(said("200 OK", body), about_all); }
std::string_view code_of(const failure& f) { return to_string(static_cast<errc>(f.code.value())); }

TEST(app_answers, an_app_is_read_with_all_that_it_says) {
    const auto a = app(R"({"name":"orders","url":"https://orders-1.aws.databricksapps.com","id":"x",
        "compute_status":{"state":"ACTIVE","message":"App compute is running.","active_instances":1},
        "app_status":{"state":"RUNNING","message":"App is running"},
        "effective_user_api_scopes":["sql","files.files"],"compute_min_instances":1})");
    ASSERT_TRUE(a) << a.error().detail;
    app_info wanted;
    wanted.name = "orders";
    wanted.url = "https://orders-1.aws.databricksapps.com";
    wanted.compute_state = app_compute_state::active;
    wanted.compute_word = "ACTIVE";
    wanted.compute_message = "App compute is running.";
    wanted.app_state = application_state::running;
    wanted.app_word = "RUNNING";
    wanted.app_message = "App is running";
    wanted.effective_user_api_scopes = {"sql", "files.files"};
    EXPECT_EQ(*a, wanted);
    EXPECT_TRUE(a->serving());
}

TEST(app_answers, every_state_is_known_by_its_word_and_others_are_unknown) {
    for (const auto s : {app_compute_state::active, app_compute_state::starting, app_compute_state::updating,
                         app_compute_state::stopping, app_compute_state::stopped, app_compute_state::error,
                         app_compute_state::deleting}) {
        const auto a = app(R"({"name":"orders","compute_status":{"state":")" + std::string(to_string(s)) + "\"}}");
        EXPECT_EQ(a.value().compute_state, s);
        EXPECT_FALSE(a->serving());
    }
    for (const auto s : {application_state::running, application_state::deploying, application_state::crashed,
                         application_state::unavailable}) {
        const auto a = app(R"({"name":"orders","app_status":{"state":")" + std::string(to_string(s)) + "\"}}");
        EXPECT_EQ(a.value().app_state, s);
        EXPECT_FALSE(a->serving());
    }
    const auto a = app(R"({"name":"orders","compute_status":{"state":"HIBERNATING"},"app_status":{"state":"active"}})");
    EXPECT_EQ(a.value().compute_state, app_compute_state::unknown);
    EXPECT_EQ(a->compute_word, "HIBERNATING");
    EXPECT_EQ(a->app_state, application_state::unknown);
    EXPECT_EQ(app(R"({"name":"orders","compute_status":{"state":"UNKNOWN"}})").value().compute_state,
              app_compute_state::unknown);
}

TEST(app_answers, what_only_informs_may_be_missing_or_of_any_type) {
    for (const char* more :
         {"", R"(,"url":null)", R"(,"url":"")", R"(,"url":7)", R"(,"compute_status":null)", R"(,"compute_status":[1])",
          R"(,"compute_status":"ACTIVE")", R"(,"compute_status":{"state":7,"message":{}})",
          R"(,"app_status":{"state":null})", R"(,"effective_user_api_scopes":{})",
          R"(,"effective_user_api_scopes":[1,null,["sql"]])"}) {
        const auto a = app(std::string(R"({"name":"orders")") + more + "}");
        app_info bare;
        bare.name = "orders";
        ASSERT_TRUE(a) << more << a.error().detail;
        EXPECT_EQ(*a, bare) << more;
    }
}

TEST(app_answers, an_answer_that_is_no_app_is_a_bad_response_that_quotes_nothing_of_it) {
    for (const std::string& body :
         {std::string(), std::string("secret"), std::string("<html>secret</html>"), std::string("null"),
          std::string("[]"), std::string("\"orders\""), std::string("{}"), std::string(R"({"name":7})"),
          std::string(R"({"name":null})"), std::string(R"({"name":"or/ders"})"), std::string(R"({"name":"orders"}x)"),
          std::string(R"({"name":"orders")"), std::string(100'000, '['),
          R"({"name":")" + std::string(1 << 20, 'a') + "\"}"}) {
        const auto a = app(body);
        ASSERT_FALSE(a) << body.substr(0, 100);
        EXPECT_TRUE(a.error().is(errc::bad_response)) << body.substr(0, 100);
        EXPECT_TRUE(a.error().detail.starts_with(about_orders.call)) << a.error().detail;
        EXPECT_EQ(a.error().detail.find("secret"), std::string::npos) << a.error().detail;
        EXPECT_LT(a.error().detail.size(), 400U);
    }
    EXPECT_TRUE(app(R"({"name":"other"})").error().is(errc::bad_response)) << "not what was asked for";
}

TEST(app_answers, a_url_becomes_https_and_keeps_host_and_port_only) {
    const std::pair<const char*, const char*> good[] = {
        {"orders-1.aws.databricksapps.com", "https://orders-1.aws.databricksapps.com"},
        {"https://orders-1.aws.databricksapps.com/", "https://orders-1.aws.databricksapps.com"},
        {"HTTPS://Orders-1.aws.databricksapps.com/x?y#z", "https://orders-1.aws.databricksapps.com"},
        {"http://orders-1.aws.databricksapps.com", "https://orders-1.aws.databricksapps.com"},
        {"http://orders-1.aws.databricksapps.com:8443/", "https://orders-1.aws.databricksapps.com:8443"},
        {" https://orders-1.aws.databricksapps.com:444 ", "https://orders-1.aws.databricksapps.com:444"},
        {"http://127.0.0.1:8080/", "http://127.0.0.1:8080"},
        {"http://localhost", "http://localhost"},
        {"http://[::1]:90", "http://[::1]:90"},
        {"localhost:8080", "https://localhost:8080"},
    };
    for (const auto& [written, origin] : good) {
        const auto o = app_origin(written);
        ASSERT_TRUE(o) << written << ": " << o.error().detail;
        EXPECT_EQ(*o, origin) << written;
    }
    for (const char* bad :
         {"", "https://", "ftp://a.b", "https://u:p@a.b/", "https://a b/", "https://a.b:0", "//a.b"}) {
        EXPECT_FALSE(app_origin(bad)) << bad;
        const auto a = app(R"({"name":"orders","url":")" + std::string(bad) + "\"}");
        EXPECT_TRUE(*bad == '\0' || (!a && a.error().is(errc::bad_response))) << bad;
    }
}

TEST(app_answers, names_of_apps_are_lower_case_letters_digits_and_hyphens) {
    for (const std::string& name : {std::string("a"), std::string("orders-2"), std::string(63, 'z')})
        EXPECT_TRUE(check_name(name)) << name;
    for (const std::string& name : {std::string(), std::string("Orders"), std::string("a b"), std::string("a/b"),
                                    std::string(".."), std::string("a_b"), std::string("a.b"), std::string("a\nb"),
                                    std::string("\xc3\xa4"), std::string("a\0b", 3), std::string(64, 'z')}) {
        const auto checked = check_name(name);
        ASSERT_FALSE(checked) << name;
        EXPECT_TRUE(checked.error().is(errc::bad_request));
        EXPECT_EQ(checked.error().detail.find('\n'), std::string::npos) << checked.error().detail;
    }
}

TEST(app_answers, pages_are_read_with_the_token_of_the_next) {
    const auto p = page(R"({"apps":[{"name":"a"},{"name":"b","url":"b.example"}],"next_page_token":"x=&"})");
    ASSERT_TRUE(p) << p.error().detail;
    ASSERT_EQ(p->apps.size(), 2U);
    EXPECT_EQ(p->apps[1].url, "https://b.example");
    EXPECT_EQ(p->next, "x=&");
    EXPECT_EQ(page_path(p->next), "/api/2.0/apps?page_size=100&page_token=x%3D%26");
    EXPECT_EQ(page_path(""), "/api/2.0/apps?page_size=100");
    for (const char* last :
         {"{}", R"({"apps":[]})", R"({"apps":null,"next_page_token":null})", R"({"apps":[],"next_page_token":""})"}) {
        const auto none = page(last);
        ASSERT_TRUE(none) << last << none.error().detail;
        EXPECT_TRUE(none->apps.empty() && none->next.empty()) << last;
    }
}

TEST(app_answers, a_list_that_makes_no_sense_is_a_bad_response) {
    for (const char* body : {"", "[]", R"({"apps":{}})", R"({"apps":[7]})", R"({"apps":[{"url":"a.b"}]})",
                             R"({"apps":[],"next_page_token":7})"}) {
        const auto p = page(body);
        ASSERT_FALSE(p) << body;
        EXPECT_TRUE(p.error().is(errc::bad_response)) << body;
    }
}

struct refusal_row {
    const char* status;
    const char* body;
    errc code;
    const char* words;
};

TEST(app_answers, a_refusal_is_told_with_the_words_of_the_workspace_and_the_next_step) {
    const refusal_row rows[] = {
        {"404 Not Found", R"({"error_code":"X","message":"Resource apps.App not found"})", errc::app_not_found,
         "no app 'orders' (status 404: Resource apps.App not found); check the name"},
        {"403 Forbidden", R"({"message":"User does not have permission"})", errc::no_permission,
         "(status 403: User does not have permission); give the token's owner"},
        {"403 Forbidden", R"({"message":"Source IP address: 192.0.2.1 is blocked by Databricks IP ACL for workspace"})",
         errc::ip_blocked, "192.0.2.1"},
        {"429 Too Many Requests", R"({"message":"slow"})", errc::rate_limited, "slow"},
        {"400 Bad Request", R"({"message":"it is deleting"})", errc::app_unavailable, "it is deleting"},
        {"409 Conflict", R"({"message":"busy"})", errc::app_unavailable, "busy"},
        {"500 Internal Server Error", "<html>secret</html>", errc::app_unavailable, "later"},
        {"503 Service Unavailable", "", errc::app_unavailable, "later"},
        {"418 I'm a teapot", R"({"message":7})", errc::bad_response, "418"},
        {"204 No Content", "", errc::bad_response, "204"},
        {"301 Moved Permanently", "", errc::bad_response, "301"},
    };
    for (const auto& row : rows) {
        const bool bare = std::string_view(row.status).starts_with("204");
        const auto r = bare ? support::answer("HTTP/1.1 204 No Content\r\nx-request-id: 0af7\r\n\r\n")
                            : said(row.status, row.body, "x-request-id: 0af7\r\nRetry-After: 7\r\n");
        const auto a = read_app(r, about_orders);
        ASSERT_FALSE(a) << row.status;
        EXPECT_TRUE(a.error().is(row.code)) << row.status << ": " << code_of(a.error());
        EXPECT_NE(a.error().detail.find(row.words), std::string::npos) << a.error().detail;
        EXPECT_EQ(a.error().detail.find("secret"), std::string::npos) << a.error().detail;
        EXPECT_TRUE(a.error().detail.starts_with(about_orders.call + ": ")) << a.error().detail;
        EXPECT_EQ(a.error().status, r.status());
        EXPECT_EQ(a.error().request_id, "0af7");
        EXPECT_EQ(a.error().attempts, 1);
        EXPECT_EQ(a.error().retry_after, bare ? std::nullopt : std::optional<duration>(7s));
    }
}

TEST(app_answers, the_words_of_the_workspace_are_bounded_and_printable) {
    const std::string message = "a\\n\\u0007" + std::string(10'000, 'x');
    const auto a = read_app(said("400 Bad Request", R"({"message":")" + message + "\"}"), about_orders);
    ASSERT_FALSE(a);
    EXPECT_NE(a.error().detail.find("a..xxx"), std::string::npos) << a.error().detail;
    EXPECT_LT(a.error().detail.size(), 600U);
}

TEST(app_answers, a_token_that_the_workspace_repeats_is_not_shown) {
    question q = about_orders;
    q.presented = std::make_shared<const token>("secret-token");
    const auto a = read_app(said("400 Bad Request", R"({"message":"not secret-token, se\u0063ret-token"})"), q);
    ASSERT_FALSE(a);
    EXPECT_NE(a.error().detail.find("not ***, ***"), std::string::npos) << a.error().detail;
}

TEST(app_answers, a_host_without_a_list_of_apps_is_no_workspace) {
    const auto p = read_page(said("404 Not Found", ""), about_all);
    ASSERT_FALSE(p);
    EXPECT_TRUE(p.error().is(errc::bad_response)) << p.error().detail;
    EXPECT_NE(p.error().detail.find("workspace's"), std::string::npos) << p.error().detail;
}

TEST(app_answers, a_command_was_taken_whatever_the_answer_says_beyond_its_status) {
    EXPECT_TRUE(read_command(said("200 OK", "whatever"), about_orders));
    EXPECT_TRUE(read_command(said("202 Accepted", ""), about_orders));
    const auto no = read_command(said("409 Conflict", R"({"message":"busy"})"), about_orders);
    EXPECT_TRUE(!no && no.error().status == 409);
}

}  // namespace
}  // namespace dbxapps::apps
