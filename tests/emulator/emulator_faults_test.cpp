#include <gtest/gtest.h>

#include "emulator_fixture.hpp"

namespace dbxapps::emulated {
namespace {

using namespace std::chrono_literals;
using kind = emulator_fault::kind;

struct emulator_faults : testing::Test {
    talking_to t;
    const std::string bearer = t.bearer(t.new_token());

    void strike_next(emulator_fault fault) { t.emu.inject(emulator_place::apps, std::move(fault)); }
    reply hello(tls_client& app) { return app.ask("GET", "/api/hello", bearer); }
};

TEST_F(emulator_faults, a_delay_postpones_the_normal_answer) {
    emulator_fault fault = fault_of(kind::delay);
    fault.delay = 60ms;
    strike_next(fault);
    tls_client app(t.app_port(), t.to_app());
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(hello(app).status, 200);
    EXPECT_GE(std::chrono::steady_clock::now() - start, 60ms);
    EXPECT_EQ(t.emu.count().calls, 1u);
}

TEST_F(emulator_faults, a_close_is_orderly_and_answers_nothing) {
    strike_next(fault_of(kind::close));
    tls_client app(t.app_port(), t.to_app());
    EXPECT_EQ(hello(app).status, 0);
    EXPECT_EQ(app.how(), ended::orderly);
    EXPECT_EQ(t.emu.count().calls, 0u);
    tls_client next(t.app_port(), t.to_app());
    EXPECT_EQ(hello(next).status, 200);
}

TEST_F(emulator_faults, a_reset_is_one) {
    strike_next(fault_of(kind::reset));
    tls_client app(t.app_port(), t.to_app());
    EXPECT_EQ(hello(app).status, 0);
    EXPECT_EQ(app.how(), ended::reset);
}

TEST_F(emulator_faults, a_stall_keeps_the_connection_and_says_nothing) {
    strike_next(fault_of(kind::stall));
    tls_client app(t.app_port(), t.to_app());
    app.send("GET /api/hello HTTP/1.1\r\nHost: " + t.to_app().host + "\r\n" + bearer + "\r\n");
    while (app.read_more(100) == ended::no) {  // a ticket may come, but no answer
    }
    EXPECT_EQ(app.how(), ended::waiting);
    EXPECT_EQ(app.input(), "");
    EXPECT_TRUE(app.send("still open"));
}

TEST_F(emulator_faults, an_answer_is_given_as_it_stands_and_the_connection_goes_on) {
    emulator_fault fault = fault_of(kind::answer, R"({"error_code":403})");
    fault.status = 403;
    fault.content_type = "application/json";
    fault.headers = "Retry-After: 7\r\nX-Two: 2\r\n";
    strike_next(fault);
    tls_client app(t.app_port(), t.to_app());
    const reply answer = hello(app);
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(answer.body, R"({"error_code":403})");
    EXPECT_EQ(answer.field("content-type"), "application/json");
    EXPECT_EQ(answer.field("retry-after"), "7");
    EXPECT_EQ(answer.field("x-two"), "2");
    EXPECT_FALSE(answer.field("gap-auth"));
    EXPECT_EQ(hello(app).status, 200);
    EXPECT_EQ(t.emu.count().accepts, 1u);
}

TEST_F(emulator_faults, raw_bytes_come_through_unchanged_however_many) {
    const std::string bytes = "HTTP/7 \r\nnot an answer" + std::string(2'000'000, '\x01');
    strike_next(fault_of(kind::raw, bytes));
    tls_client app(t.app_port(), t.to_app());
    app.send("GET /api/hello HTTP/1.1\r\nHost: " + t.to_app().host + "\r\n\r\n");
    while (app.read_more() == ended::no) {
    }
    EXPECT_EQ(app.how(), ended::orderly);
    EXPECT_TRUE(app.input() == bytes);
}

TEST_F(emulator_faults, a_body_can_stop_at_its_half) {
    emulator_fault fault = fault_of(kind::close_after_body_bytes, "0123456789");
    fault.status = 200;
    strike_next(fault);
    tls_client app(t.app_port(), t.to_app());
    const reply half = hello(app);
    EXPECT_EQ(half.status, 0);
    EXPECT_EQ(half.field("content-length"), "10");
    EXPECT_EQ(half.body, "01234");
    EXPECT_EQ(app.how(), ended::orderly);
}

TEST_F(emulator_faults, faults_strike_as_often_as_they_say_and_only_their_host) {
    emulator_fault fault = fault_of(kind::answer);
    fault.status = 503;
    fault.times = 2;
    fault.host = t.to_app("billing").host;
    strike_next(fault);
    tls_client orders(t.app_port(), t.to_app()), billing(t.app_port(), t.to_app("billing"));
    EXPECT_EQ(hello(orders).status, 200);
    EXPECT_EQ(hello(billing).status, 503);
    EXPECT_EQ(hello(billing).status, 503);
    EXPECT_EQ(hello(billing).status, 200);
}

TEST_F(emulator_faults, cleared_faults_strike_nobody) {
    for (const auto place : {emulator_place::apps, emulator_place::metadata, emulator_place::token_endpoint})
        t.emu.inject(place, fault_of(kind::close));
    t.emu.clear_faults();
    tls_client app(t.app_port(), t.to_app());
    EXPECT_EQ(hello(app).status, 200);
    EXPECT_EQ(t.ask_token().status, 200);
}

TEST_F(emulator_faults, each_place_has_its_own_faults) {
    emulator_fault busy = fault_of(kind::answer, "<html>busy</html>");
    busy.status = 429;
    t.emu.inject(emulator_place::token_endpoint, busy);
    t.emu.inject(emulator_place::metadata, fault_of(kind::close));
    tls_client app(t.app_port(), t.to_app());
    EXPECT_EQ(hello(app).status, 200);
    const auto before = t.emu.count();
    EXPECT_EQ(t.ask_token().status, 429);
    EXPECT_EQ(t.ask_token().status, 200);
    EXPECT_EQ(t.emu.count().token_requests, before.token_requests + 2);
    EXPECT_EQ(t.emu.count().tokens_issued, before.tokens_issued + 1);
    tls_client workspace(t.workspace_port(), t.to_workspace());
    EXPECT_EQ(workspace.ask("GET", "/.well-known/databricks-config", {}).status, 0);
    EXPECT_EQ(t.emu.count().metadata_requests, 1u);
}

TEST_F(emulator_faults, an_app_fault_strikes_before_the_token_is_looked_at) {
    emulator_fault fault = fault_of(kind::answer);
    fault.status = 502;
    strike_next(fault);
    tls_client app(t.app_port(), t.to_app());
    EXPECT_EQ(app.ask("GET", "/api/hello", {}).status, 502);
    EXPECT_EQ(app.ask("GET", "/api/hello", {}).status, 401);
    EXPECT_EQ(t.emu.count().refused, 1u);
}

TEST_F(emulator_faults, a_fault_that_cannot_be_carried_out_is_refused) {
    emulator_fault fault;
    fault.headers = "X: 1";
    EXPECT_THROW(t.emu.inject(emulator_place::apps, fault), std::invalid_argument);
}

TEST_F(emulator_faults, a_refusing_front_door_drops_its_connections_and_comes_back_on_the_same_port) {
    tls_client app(t.app_port(), t.to_app()), workspace(t.workspace_port(), t.to_workspace());
    EXPECT_EQ(hello(app).status, 200);
    t.emu.refuse(emulator_place::apps);
    t.emu.refuse(emulator_place::apps);
    EXPECT_EQ(app.read_more(), ended::reset);
    EXPECT_FALSE(tls_client(t.app_port(), t.to_app()).connected());
    EXPECT_EQ(workspace.ask("GET", "/.well-known/databricks-config", {}).status, 200);
    t.emu.accept_again(emulator_place::apps);
    t.emu.accept_again(emulator_place::apps);
    tls_client again(t.app_port(), t.to_app());
    EXPECT_EQ(hello(again).status, 200);
}

TEST_F(emulator_faults, a_refusing_workspace_leaves_the_front_door_alone) {
    for (const auto place : {emulator_place::token_endpoint, emulator_place::metadata}) {
        tls_client app(t.app_port(), t.to_app()), workspace(t.workspace_port(), t.to_workspace());
        EXPECT_EQ(workspace.ask("GET", "/", {}).status, 404);
        t.emu.refuse(place);
        EXPECT_EQ(workspace.read_more(), ended::reset);
        EXPECT_FALSE(tls_client(t.workspace_port()).connected());
        EXPECT_EQ(hello(app).status, 200);
        t.emu.accept_again(place);
        EXPECT_EQ(t.ask_token().status, 200);
    }
}

TEST_F(emulator_faults, dropped_connections_are_reset_and_new_ones_are_welcome) {
    tls_client app(t.app_port(), t.to_app()), workspace(t.workspace_port(), t.to_workspace());
    EXPECT_EQ(hello(app).status, 200);
    t.emu.drop_connections();
    EXPECT_EQ(app.read_more(), ended::reset);
    tls_client again(t.app_port(), t.to_app());
    EXPECT_EQ(hello(again).status, 200);
    EXPECT_EQ(workspace.ask("GET", "/", {}).status, 404);
}

}  // namespace
}  // namespace dbxapps::emulated
