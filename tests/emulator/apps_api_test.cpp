#include <emulator/apps_api.hpp>
#include <emulator/workspace.hpp>

#include "emulator_fixture.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace dbxapps::emulated {
namespace {

using namespace std::chrono_literals;
using compute = app_compute_state;
using application = application_state;

constexpr time_point now{1000s};

struct apps_api_test : testing::Test {
    token_book tokens{"c id", 300, 1h};
    app_book apps;
    apps_api api{apps, tokens};
    request_head head;
    answer out;

    apps_api_test() {
        head.authorization = "Bearer " + tokens.issue(now, {}).token;
        for (const char* name : {"billing", "orders", "search"})
            apps.set(name, {});
    }
    // "200 {..}"
    std::string ask(std::string_view method, std::string_view target, std::string_view body = "{}") {
        head.method = method;
        head.target = target;
        out.reset(false, false);
        api.answer_to(head, body, "id-7", now, out);
        return out.bytes.substr(9, 4) + out.bytes.substr(out.bytes.find("\r\n\r\n") + 4);
    }
    boost::json::value json(std::string_view target) { return boost::json::parse(ask("GET", target).substr(4)); }
    std::string states(std::string_view method = "GET", std::string_view target = "/api/2.0/apps/orders") {
        const auto v = boost::json::parse(ask(method, target).substr(4));
        return std::string(v.at("compute_status").at("state").as_string()) + " " +
               std::string(v.at("app_status").at("state").as_string());
    }
};

TEST_F(apps_api_test, an_app_is_shown_with_its_url_states_and_scopes) {
    emulator_app app;
    app.message = "all well";
    app.url = "https://orders.example";
    app.scopes = {"sql"};
    apps.set("orders", app);
    const auto v = json("/api/2.0/apps/orders");
    EXPECT_EQ(v.at("name"), "orders");
    EXPECT_EQ(v.at("url"), "https://orders.example");
    EXPECT_EQ(v.at("compute_status").at("message"), "all well");
    EXPECT_EQ(v.at("effective_user_api_scopes").at(0), "sql");
    EXPECT_EQ(states(), "ACTIVE RUNNING");
    EXPECT_NE(out.bytes.find("x-request-id: id-7\r\n"), std::string::npos);
}

TEST_F(apps_api_test, a_state_that_is_unknown_is_not_told) {
    emulator_app app;
    app.compute_state = compute::unknown;
    apps.set("orders", app);
    EXPECT_FALSE(json("/api/2.0/apps/orders").at("compute_status").as_object().contains("state"));
}

TEST_F(apps_api_test, without_a_good_token_it_is_a_403) {
    for (const char* field : {"", "Bearer x", "Basic x", "Bearer"}) {
        head.authorization = field;
        EXPECT_EQ(ask("GET", "/api/2.0/apps"),
                  R"(403 {"error_code":403,"message":"Invalid access token. [ReqId: id-7]"})");
    }
}

TEST_F(apps_api_test, an_app_that_was_never_set_or_was_removed_is_a_404) {
    apps.remove("orders");
    apps.remove("nobody");
    for (const char* name : {"orders", "nobody", ""}) {
        EXPECT_EQ(ask("GET", "/api/2.0/apps/" + std::string(name)),
                  R"(404 {"error_code":"RESOURCE_DOES_NOT_EXIST","message":"Resource apps.App not found"})");
    }
    EXPECT_TRUE(ask("POST", "/api/2.0/apps/orders/start").starts_with("404 "));
    EXPECT_TRUE(ask("POST", "/api/2.0/apps/orders/stop").starts_with("404 "));
}

TEST_F(apps_api_test, pages_follow_one_another_in_the_order_of_names) {
    auto v = json("/api/2.0/apps?page_size=2");
    EXPECT_EQ(v.at("apps").as_array().size(), 2U);
    EXPECT_EQ(v.at("apps").at(1).at("name"), "orders");
    v = json("/api/2.0/apps?page_size=2&page_token=" + std::string(v.at("next_page_token").as_string()));
    EXPECT_EQ(v.at("apps").as_array().size(), 1U);
    EXPECT_FALSE(v.as_object().contains("next_page_token"));
    EXPECT_EQ(json("/api/2.0/apps").at("apps").as_array().size(), 3U);
    EXPECT_EQ(ask("GET", "/api/2.0/apps?page_token=z"), "200 {}");
    for (const char* bad : {"page_size=0", "page_size=101", "page_size=x", "page_size=1&page_size=1", "a=%"})
        EXPECT_TRUE(ask("GET", "/api/2.0/apps?" + std::string(bad)).starts_with("400 ")) << bad;
}

TEST_F(apps_api_test, a_started_app_is_seen_starting_so_many_times) {
    emulator_app app;
    app.compute_state = compute::stopped;
    app.app_state = application::unavailable;
    app.looks_between = 2;
    apps.set("orders", app);
    EXPECT_EQ(states(), "STOPPED UNAVAILABLE");
    EXPECT_EQ(states("POST", "/api/2.0/apps/orders/start"), "STARTING UNAVAILABLE");
    EXPECT_EQ(states("POST", "/api/2.0/apps/orders/start"), "STARTING UNAVAILABLE") << "it is on its way";
    EXPECT_EQ(states(), "STARTING UNAVAILABLE");
    EXPECT_EQ(states(), "STARTING UNAVAILABLE");
    EXPECT_EQ(states(), "ACTIVE RUNNING");
    EXPECT_EQ(states("POST", "/api/2.0/apps/orders/start"), "ACTIVE RUNNING") << "it is there";
}

TEST_F(apps_api_test, a_stopped_app_goes_through_stopping_and_a_start_may_end_elsewhere) {
    emulator_app app;
    app.looks_between = 0;
    app.start_app = application::crashed;
    apps.set("orders", app);
    EXPECT_EQ(states("POST", "/api/2.0/apps/orders/stop"), "STOPPING UNAVAILABLE");
    EXPECT_EQ(states(), "STOPPED UNAVAILABLE");
    EXPECT_EQ(states("POST", "/api/2.0/apps/orders/start"), "STARTING UNAVAILABLE");
    EXPECT_EQ(states(), "ACTIVE CRASHED");
    apps.set("orders", {});
    EXPECT_EQ(states(), "ACTIVE RUNNING") << "what is set again forgets";
}

TEST_F(apps_api_test, a_command_wants_a_json_object_and_nothing_else_is_there) {
    EXPECT_TRUE(ask("POST", "/api/2.0/apps/orders/start", "").starts_with("400 "));
    EXPECT_TRUE(ask("POST", "/api/2.0/apps/orders/start", "[]").starts_with("400 "));
    for (const char* path : {"/api/2.0/apps/orders/", "/api/2.0/apps/orders/start", "/api/2.0/apps/orders/x"})
        EXPECT_TRUE(ask("GET", path).starts_with("404 ")) << path;
    EXPECT_TRUE(ask("POST", "/api/2.0/apps/orders").starts_with("404 "));
    EXPECT_TRUE(ask("POST", "/api/2.0/apps").starts_with("404 "));
}

TEST_F(apps_api_test, its_pages_are_told_from_others_by_the_path) {
    for (const char* path : {"/api/2.0/apps", "/api/2.0/apps/", "/api/2.0/apps/x/y?z"}) {
        head.target = path;
        EXPECT_EQ(workspace::page_of(head), workspace::page::apps_api) << path;
    }
    for (const char* path : {"/api/2.0/appsx", "/api/2.0", "/"}) {
        head.target = path;
        EXPECT_EQ(workspace::page_of(head), workspace::page::none) << path;
    }
}

TEST(EmulatedAppsApi, IsThereForThoseWithATokenAndCountsItsRequests) {
    talking_to w;
    w.emu.set_app("orders");
    tls_client client(w.workspace_port(), w.to_workspace());
    const auto bare = client.ask("GET", "/api/2.0/apps/orders", "");
    EXPECT_EQ(bare.status, 403);
    const auto known = client.ask("GET", "/api/2.0/apps/orders", talking_to::bearer(w.new_token()));
    EXPECT_EQ(known.status, 200);
    EXPECT_NE(known.body.find(w.emu.app_url("orders")), std::string::npos) << known.body;
    EXPECT_TRUE(known.field("x-request-id"));
    EXPECT_EQ(w.emu.count().apps_api_requests, 2U);
    EXPECT_THROW(w.emu.set_app("Orders"), std::invalid_argument);
    w.emu.remove_app("orders");
    EXPECT_EQ(client.ask("GET", "/api/2.0/apps/orders", talking_to::bearer(w.new_token())).status, 404);
}

TEST(EmulatedAppsApi, IsAPlaceForFaults) {
    talking_to w;
    auto fault = fault_of(emulator_fault::kind::answer, "down");
    fault.status = 503;
    w.emu.inject(emulator_place::apps_api, fault);
    tls_client client(w.workspace_port(), w.to_workspace());
    EXPECT_EQ(client.ask("GET", "/api/2.0/apps", "").status, 503);
    EXPECT_EQ(client.ask("GET", "/api/2.0/apps", "").status, 403);
}

}  // namespace
}  // namespace dbxapps::emulated
