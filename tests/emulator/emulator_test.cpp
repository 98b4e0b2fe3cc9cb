#include <dbxapps/emulator.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <stdexcept>
#include <thread>
#include <vector>

#include "emulator_fixture.hpp"

namespace dbxapps::emulated {
namespace {

using namespace std::chrono_literals;

emulator_options with_threads(unsigned threads) {
    emulator_options options;
    options.threads = threads;
    return options;
}

TEST(emulator, a_token_from_the_workspace_opens_an_app_and_all_is_counted) {
    talking_to t;
    const std::string token = t.new_token();
    tls_client app(t.app_port(), t.to_app());
    const reply hello = app.ask("GET", "/api/hello", t.bearer(token));
    EXPECT_EQ(hello.status, 200);
    EXPECT_EQ(hello.body, R"({"message":"hello","app":"orders"})");
    EXPECT_EQ(hello.field("gap-auth"), t.emu.client_id() + "@emulated");
    EXPECT_EQ(hello.field("server"), "databricks");
    ASSERT_TRUE(hello.field("x-request-id"));
    EXPECT_EQ(hello.field("x-request-id")->size(), 36u);
    EXPECT_NE(app.ask("GET", "/api/hello", t.bearer(token)).field("x-request-id"), hello.field("x-request-id"));
    EXPECT_EQ(app.ask("GET", "/api/hello", {}).status, 401);
    EXPECT_EQ(app.ask("GET", "/", {}).status, 302);

    const emulator_counts seen = t.emu.count();
    EXPECT_EQ(seen.token_requests, 1u);
    EXPECT_EQ(seen.tokens_issued, 1u);
    EXPECT_EQ(seen.metadata_requests, 0u);
    EXPECT_EQ(seen.accepts, 1u);
    EXPECT_EQ(seen.workspace_accepts, 1u);
    EXPECT_EQ(seen.full_handshakes, 2u);
    EXPECT_EQ(seen.resumed_handshakes, 0u);
    EXPECT_EQ(seen.calls, 2u);
    EXPECT_EQ(seen.refused, 2u);
}

TEST(emulator, refused_token_requests_and_metadata_are_counted_too) {
    talking_to t;
    tls_client client(t.workspace_port(), t.to_workspace());
    EXPECT_EQ(client.ask("POST", "/oidc/v1/token", good_form, "grant_type=client_credentials").status, 401);
    EXPECT_EQ(client.ask("GET", "/.well-known/databricks-config", {}).status, 200);
    EXPECT_EQ(client.ask("GET", "/oidc/.well-known/oauth-authorization-server", {}).status, 200);
    EXPECT_EQ(client.ask("GET", "/api/2.0/clusters/list", {}).status, 404);
    EXPECT_EQ(t.emu.count().token_requests, 1u);
    EXPECT_EQ(t.emu.count().tokens_issued, 0u);
    EXPECT_EQ(t.emu.count().metadata_requests, 2u);
}

TEST(emulator, metadata_can_be_switched_off) {
    emulator_options options;
    options.host_metadata = options.oauth_metadata = false;
    talking_to t(options);
    tls_client client(t.workspace_port(), t.to_workspace());
    EXPECT_EQ(client.ask("GET", "/.well-known/databricks-config", {}).status, 404);
    EXPECT_EQ(client.ask("GET", "/oidc/.well-known/oauth-authorization-server", {}).status, 404);
}

TEST(emulator, every_app_of_the_workspace_takes_the_same_token_and_no_other_host_does) {
    talking_to t;
    const std::string token = t.new_token();
    for (const char* name : {"a", "billing-2", "orders"}) {
        tls_client app(t.app_port(), t.to_app(name));
        EXPECT_NE(app.ask("GET", "/api/hello", t.bearer(token)).body.find(name), std::string::npos);
    }
    dial_options other = t.to_app();
    other.host = "other.aws.databricksapps.com";
    tls_client client(t.app_port(), other);
    const reply page = client.ask("GET", "/api/hello", t.bearer(token));
    EXPECT_EQ(page.status, 404);
    EXPECT_EQ(page.field("content-type"), "text/html; charset=utf-8");
    EXPECT_FALSE(page.field("gap-auth"));
    EXPECT_EQ(t.emu.count().calls, 3u);
    EXPECT_EQ(t.emu.count().refused, 0u);
}

TEST(emulator, an_apps_own_401_carries_gap_auth_and_the_front_doors_does_not) {
    talking_to t;
    tls_client app(t.app_port(), t.to_app());
    EXPECT_TRUE(app.ask("GET", "/api/status/401", t.bearer(t.new_token())).field("gap-auth"));
    const reply door = app.ask("GET", "/api/status/401", t.bearer("dapi0123456789"));
    EXPECT_EQ(door.status, 401);
    EXPECT_EQ(door.field("content-length"), "0");
    EXPECT_FALSE(door.field("gap-auth"));
}

TEST(emulator, the_login_redirect_leads_to_the_workspace) {
    talking_to t;
    tls_client app(t.app_port(), t.to_app());
    const reply away = app.ask("POST", "/mcp", {}, "{}");
    EXPECT_EQ(away.status, 302);
    ASSERT_TRUE(away.field("location"));
    EXPECT_TRUE(away.field("location")->starts_with(t.emu.workspace_url() + "/oidc/oauth2/v2.0/authorize?"));
    ASSERT_TRUE(away.field("set-cookie"));
    EXPECT_NE(away.field("set-cookie")->find("_csrf="), std::string::npos);
}

TEST(emulator, a_token_ends_with_its_life) {
    emulator_options options;
    options.token_life = 50ms;
    talking_to t(options);
    const reply answer = t.ask_token();
    EXPECT_NE(answer.body.find(R"("expires_in":0.05,)"), std::string::npos);
    const std::string token = t.new_token();
    const auto issued = std::chrono::steady_clock::now();
    tls_client app(t.app_port(), t.to_app());
    EXPECT_TRUE(soon([&] { return app.ask("GET", "/api/hello", t.bearer(token)).status == 401; }));
    t.emu.set_token_life(1h);
    EXPECT_EQ(app.ask("GET", "/api/hello", t.bearer(t.new_token())).status, 200);
    EXPECT_LT(std::chrono::steady_clock::now() - issued, 5s);
}

TEST(emulator, revoked_tokens_are_refused_and_new_ones_are_not) {
    talking_to t;
    const std::string old = t.new_token();
    tls_client app(t.app_port(), t.to_app());
    EXPECT_EQ(app.ask("GET", "/api/hello", t.bearer(old)).status, 200);
    t.emu.revoke_tokens();
    EXPECT_EQ(app.ask("GET", "/api/hello", t.bearer(old)).status, 401);
    EXPECT_EQ(app.ask("GET", "/api/hello", t.bearer(t.new_token())).status, 200);
}

TEST(emulator, token_answers_can_be_slow) {
    talking_to t;
    t.emu.set_token_delay(60ms);
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(t.ask_token().status, 200);
    EXPECT_GE(std::chrono::steady_clock::now() - start, 60ms);
}

TEST(emulator, secrets_and_tokens_can_be_told_by_their_markers) {
    emulator_options options;
    options.token_size = 16384;
    talking_to t(options);
    EXPECT_TRUE(t.emu.client_secret().starts_with("emulator-secret-"));
    const std::string token = t.new_token();
    EXPECT_EQ(token.size(), 16384u);
    EXPECT_NE(token.find(".emulatortoken"), std::string::npos);
    tls_client app(t.app_port(), t.to_app());
    EXPECT_EQ(app.ask("GET", "/api/hello", t.bearer(token)).status, 200);
}

TEST(emulator, bodies_come_back_small_and_large_plain_and_chunked) {
    talking_to t;
    const std::string bearer = t.bearer(t.new_token());
    tls_client app(t.app_port(), t.to_app());
    const reply small = app.ask("PUT", "/api/echo", bearer + "Content-Type: text/x\r\n", "ping");
    EXPECT_EQ(small.body, "ping");
    EXPECT_EQ(small.field("content-type"), "text/x");
    std::string large(3'000'000, 'x');
    for (std::size_t i = 0; i < large.size(); i += 7)
        large[i] = static_cast<char>(i);
    EXPECT_TRUE(app.ask("POST", "/api/echo", bearer, large).body == large);
    app.send("POST /api/echo HTTP/1.1\r\nHost: " + t.to_app().host + "\r\n" + bearer +
             "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n");
    EXPECT_EQ(app.read_reply().body, "abcd");
    const reply bytes = app.ask("GET", "/api/bytes/200000", bearer);
    EXPECT_EQ(bytes.body.size(), 200'000u);
    EXPECT_EQ(bytes.body.substr(0, 27), "abcdefghijklmnopqrstuvwxyza");
    EXPECT_EQ(app.ask("GET", "/api/chunked/200000", bearer).body, bytes.body);
    EXPECT_EQ(app.ask("GET", "/api/chunked/5", bearer).body, "abcde");
    EXPECT_EQ(app.ask("GET", "/api/chunked/0", bearer).field("transfer-encoding"), "chunked");
    EXPECT_EQ(app.ask("HEAD", "/api/bytes/77", bearer).field("content-length"), "77");
    EXPECT_EQ(app.ask("GET", "/api/hello", bearer).status, 200);
}

TEST(emulator, a_client_that_waits_for_100_continue_gets_it) {
    talking_to t;
    tls_client app(t.app_port(), t.to_app());
    app.send("POST /api/echo HTTP/1.1\r\nHost: " + t.to_app().host + "\r\n" + t.bearer(t.new_token()) +
             "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    EXPECT_EQ(app.read_reply().status, 100);
    app.send("ok");
    EXPECT_EQ(app.read_reply().body, "ok");
}

TEST(emulator, connection_close_is_honoured) {
    talking_to t;
    tls_client app(t.app_port(), t.to_app());
    const reply last = app.ask("GET", "/api/hello", "Connection: close\r\n");
    EXPECT_EQ(last.field("connection"), "close");
    EXPECT_EQ(app.read_more(), ended::orderly);
}

TEST(emulator, garbage_gets_a_400_and_a_close) {
    talking_to t;
    for (const std::uint16_t port : {t.app_port(), t.workspace_port()}) {
        for (const char* garbage : {"what is this\r\n\r\n", "GET /api/hello HTTP/1.1\r\n\r\n"}) {
            tls_client client(port);
            client.send(garbage);
            const reply answer = client.read_reply();
            EXPECT_EQ(answer.status, 400);
            EXPECT_FALSE(answer.field("gap-auth"));
            EXPECT_EQ(client.read_more(), ended::orderly);
        }
    }
}

TEST(emulator, an_upload_over_the_limit_gets_a_413_although_the_client_goes_on_sending) {
    talking_to t;
    tls_client app(t.app_port(), t.to_app());
    app.send("POST /api/echo HTTP/1.1\r\nHost: " + t.to_app().host + "\r\nContent-Length: 67108865\r\n\r\n" +
             std::string(1'000'000, 'x'));
    EXPECT_EQ(app.read_reply().status, 413);
    EXPECT_EQ(app.read_more(), ended::orderly);
}

TEST(emulator, many_threads_serve_many_connections_at_once) {
    talking_to t(with_threads(4));
    const std::string bearer = t.bearer(t.new_token());
    std::vector<std::thread> clients;
    for (int i = 0; i < 8; ++i) {
        clients.emplace_back([&] {
            tls_client app(t.app_port(), t.to_app());
            for (int call = 0; call < 50; ++call)
                EXPECT_EQ(app.ask("GET", "/api/hello", bearer).status, 200);
        });
    }
    for (auto& each : clients)
        each.join();
    EXPECT_EQ(t.emu.count().calls, 400u);
    EXPECT_EQ(t.emu.count().accepts, 8u);
}

TEST(emulator, options_out_of_their_range_are_refused) {
    const auto refused = [](auto change) {
        emulator_options options;
        change(options);
        EXPECT_THROW(emulator{options}, std::invalid_argument);
    };
    refused([](auto& o) { o.token_life = 0ms; });
    refused([](auto& o) { o.token_life = std::chrono::milliseconds::max(); });
    refused([](auto& o) { o.token_delay = -1ms; });
    refused([](auto& o) { o.threads = 0; });
    refused([](auto& o) { o.threads = 65; });
    refused([](auto& o) { o.token_size = 299; });
    refused([](auto& o) { o.token_size = 16385; });
    emulator fine;
    EXPECT_THROW(fine.set_token_life(0ms), std::invalid_argument);
    EXPECT_THROW(fine.set_token_delay(-1ms), std::invalid_argument);
    for (const std::string& name : {std::string(), std::string("Orders"), std::string("a.b"), std::string(47, 'a')})
        EXPECT_THROW(fine.app_url(name), std::invalid_argument) << name;
    EXPECT_EQ(host_of(fine.app_url("orders")), "orders-1234567890123456.aws.databricksapps.com");
}

TEST(emulator, network_sends_its_hosts_to_loopback_and_trusts_its_ca_alone) {
    const emulator emu;
    const network_options network = emu.network();
    ASSERT_EQ(network.resolve.size(), 2u);
    EXPECT_EQ(network.resolve[0].host, "emulated.cloud.databricks.com");
    EXPECT_EQ(network.resolve[0].port, port_of(emu.workspace_url()));
    EXPECT_EQ(network.resolve[1].host, "*.aws.databricksapps.com");
    EXPECT_EQ(network.resolve[1].port, port_of(emu.app_url("a")));
    for (const auto& each : network.resolve)
        EXPECT_EQ(each.address, "127.0.0.1");
    EXPECT_EQ(network.tls.extra_ca_pem, emu.ca_pem());
    EXPECT_FALSE(network.tls.system_roots);
}

TEST(emulator, it_ends_at_once_with_connections_open_stalled_and_half_made) {
    for (const unsigned threads : {1u, 3u}) {
        auto t = std::make_unique<talking_to>(with_threads(threads));
        t->emu.inject(emulator_place::apps, fault_of(emulator_fault::kind::stall));
        emulator_fault late = fault_of(emulator_fault::kind::delay);
        late.delay = 1h;
        t->emu.inject(emulator_place::apps, late);
        tls_client stalled(t->app_port(), t->to_app()), delayed(t->app_port(), t->to_app());
        tls_client idle(t->workspace_port(), t->to_workspace());
        for (tls_client* each : {&stalled, &delayed})
            each->send("GET /api/hello HTTP/1.1\r\nHost: " + t->to_app().host + "\r\n\r\n");
        idle.send("GET /");
        const auto start = std::chrono::steady_clock::now();
        t.reset();
        EXPECT_LT(std::chrono::steady_clock::now() - start, 500ms);
        EXPECT_NE(idle.read_more(), ended::waiting);
        EXPECT_NE(stalled.read_more(), ended::waiting);
    }
}

TEST(emulator, a_client_that_resets_while_it_is_written_to_raises_no_signal) {
    talking_to t;
    const std::string bearer = t.bearer(t.new_token());
    for (int i = 0; i < 5; ++i) {
        tls_client app(t.app_port(), t.to_app());
        app.send("GET /api/bytes/100000000 HTTP/1.1\r\nHost: " + t.to_app().host + "\r\n" + bearer + "\r\n");
        EXPECT_EQ(app.read_more(), ended::no);
        app.reset();
    }
    struct sigaction now {};
    ASSERT_EQ(::sigaction(SIGPIPE, nullptr, &now), 0);
    EXPECT_EQ(now.sa_handler, SIG_DFL);
    tls_client app(t.app_port(), t.to_app());
    EXPECT_EQ(app.ask("GET", "/api/hello", bearer).status, 200);
}

}  // namespace
}  // namespace dbxapps::emulated
