// Kept connections that have died: who is sent again, and who is not.
#include <support/plain_server.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace dbxapps::test {
namespace {

using after = exchange_script::after;
// An answer, then silence: the request that follows it on the same connection meets `end` without an answer.
std::vector<exchange_script> one_answer_then(after end) { return {ok("first"), {"", end}}; }

TEST(Resend, ARepeatableRequestOnADyingConnectionIsSentAgainOnce) {
    for (const after end : {after::close, after::reset}) {
        asio::io_context io;
        plain_server server(io, {one_answer_then(end), {ok("second")}});
        auto c = plain_client(io).handle;
        auto r = calls(io, c, {get(server.url()), get(server.url())}, server);
        ASSERT_TRUE(r[0]) << r[0].error().detail;
        ASSERT_TRUE(r[1]) << r[1].error().detail;
        EXPECT_EQ(r[1]->body(), "second");
        EXPECT_EQ(c.counters().resends, 1u);
        EXPECT_EQ(server.accepted, 2);
    }
}

TEST(Resend, ANewConnectionThatDiesIsNotTriedAgain) {
    asio::io_context io;
    plain_server server(io, {one_answer_then(after::close), {{"", after::close}}, {ok("third")}});
    auto c = plain_client(io).handle;
    auto r = calls(io, c, {get(server.url()), get(server.url())}, server);
    ASSERT_TRUE(r[0]);
    ASSERT_FALSE(r[1]);
    EXPECT_TRUE(r[1].error().is(errc::connection_lost)) << r[1].error().detail;
    EXPECT_EQ(r[1].error().attempts, 2);
    EXPECT_TRUE(r[1].error().may_have_arrived);
    EXPECT_EQ(server.accepted, 2);
}

TEST(Resend, ARequestThatMayNotRepeatIsNotSentAgainOnceItIsOut) {
    asio::io_context io;
    plain_server server(io, {one_answer_then(after::close), {ok("second")}});
    auto c = plain_client(io).handle;
    auto r = calls(io, c, {get(server.url()), post(server.url(), "{}")}, server);
    ASSERT_TRUE(r[0]);
    ASSERT_FALSE(r[1]);
    EXPECT_TRUE(r[1].error().is(errc::connection_lost)) << r[1].error().detail;
    EXPECT_TRUE(r[1].error().may_have_arrived);
    EXPECT_EQ(c.counters().resends, 0u);
}

TEST(Resend, ACallersWordMakesAPostRepeatable) {
    asio::io_context io;
    plain_server server(io, {one_answer_then(after::close), {ok("second")}});
    auto c = plain_client(io).handle;
    auto r = calls(io, c, {get(server.url()), post(server.url(), "{}").repeatable()}, server);
    ASSERT_TRUE(r[1]) << r[1].error().detail;
    EXPECT_EQ(r[1]->body(), "second");
}

TEST(Resend, OnceOneByteOfTheAnswerCameNothingIsSentAgain) {
    asio::io_context io;
    plain_server server(io, {{ok("first"), {"HTTP/1.1 2", after::close}}, {ok("second")}});
    auto c = plain_client(io).handle;
    auto r = calls(io, c, {get(server.url()), get(server.url())}, server);
    ASSERT_FALSE(r[1]);
    EXPECT_TRUE(r[1].error().is(errc::connection_lost)) << r[1].error().detail;
    EXPECT_EQ(c.counters().resends, 0u);
}

TEST(Reuse, AnAnswerThatSaysCloseEndsTheConnection) {
    asio::io_context io;
    plain_server server(io, {{{"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\na", after::keep}},
                             {{"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nb", after::keep}},
                             {{"HTTP/1.1 200 OK\r\n\r\nc", after::close}},
                             {ok("d"), ok("e")}});
    auto c = plain_client(io).handle;
    auto r = calls(
        io, c, {get(server.url()), get(server.url()), get(server.url()), get(server.url()), get(server.url())}, server);
    std::string bodies;
    for (auto& one : r) {
        ASSERT_TRUE(one) << one.error().detail;
        bodies += one->body();
    }
    EXPECT_EQ(bodies, "abcde");
    EXPECT_EQ(server.accepted, 4);
}

TEST(Reuse, AServerThatClosesBehindEachAnswerCostsNoPost) {
    asio::io_context io;
    plain_server server(io, {{ok("a", after::close)}, {ok("b", after::close)}, {ok("c", after::close)}});
    auto c = plain_client(io).handle;
    auto r = calls(io, c, {post(server.url(), "1"), post(server.url(), "2"), post(server.url(), "3")}, server);
    for (auto& one : r)
        ASSERT_TRUE(one) << one.error().detail;
    EXPECT_EQ(c.counters().resends, 0u);
    EXPECT_EQ(server.accepted, 3);
}

// RFC 9112 section 9.2.
TEST(Reuse, WhatComesBetweenTwoCallsIsTheAnswerToNeither) {
    asio::io_context io;
    tcp::acceptor acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    const std::string url = "http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()) + "/";
    std::vector<std::string> bodies;
    std::vector<tcp::socket> kept;
    auto serve = [&]() -> awaitable<void> {
        for (int n = 0; n < 2; ++n) {
            auto socket = co_await acceptor.async_accept(asio::use_awaitable);
            std::string head;
            (void)co_await asio::async_read_until(socket, asio::dynamic_buffer(head), "\r\n\r\n", asio::use_awaitable);
            co_await asio::async_write(socket, asio::buffer(ok("asked for").answer), asio::use_awaitable);
            if (n > 0) co_return;
            while (bodies.empty())
                co_await asio::post(asio::use_awaitable);
            co_await asio::async_write(socket, asio::buffer(ok("not asked for").answer), asio::use_awaitable);
            kept.push_back(std::move(socket));
        }
    };
    plain_client c(io);
    auto call = [&]() -> awaitable<void> {
        for (int n = 0; n < 2; ++n) {
            while (kept.size() < static_cast<std::size_t>(n))
                co_await asio::post(asio::use_awaitable);
            const auto until = clock::now() + 2ms;  // of this age it is looked at
            while (n > 0 && clock::now() < until) {
            }
            const auto r = co_await c.handle.try_send(get(url));
            bodies.push_back(r ? r->body() : r.error().detail);
        }
        c.handle.close();
    };
    asio::co_spawn(io, serve, asio::detached);
    asio::co_spawn(io, call, asio::detached);
    run_out(io);
    EXPECT_EQ(bodies, (std::vector<std::string>{"asked for", "asked for"}));
}

// As when a server is restarted: the kept connection dies with the request on it, and there is no other for a while.
TEST(Resend, AFailureTellsThatAnEarlierTryMayHaveArrivedAndIsRetriedAllTheSame) {
    asio::io_context io;
    plain_server server(io, {one_answer_then(after::close)});
    client_options options;
    options.allow_hosts = {"127.0.0.1"};
    options.retry.max_retries = 2;
    options.retry.first_delay = options.retry.max_delay = 1ms;
    client c(io.get_executor(), make_token_cache(io.get_executor(), fixed_token("a-token")), options);
    const request put = request("PUT", server.url()).body("{}", "application/json");
    std::optional<result<response>> second;
    auto run = [&]() -> awaitable<void> {
        auto first = co_await c.try_send(get(server.url()));
        EXPECT_TRUE(first);
        server.stop();
        second = co_await c.try_send(put);
        c.close();
    };
    asio::co_spawn(io, run, asio::detached);
    run_out(io);
    ASSERT_EQ(server.requests.size(), 2u);
    ASSERT_TRUE(second && !*second);
    EXPECT_TRUE(second->error().is(errc::connect_failed)) << second->error().detail;
    EXPECT_TRUE(second->error().may_have_arrived) << second->error().detail;
    EXPECT_EQ(c.counters().retries, 2u);
}

// The connection comes, and before the call goes on its caller has gone.
TEST(Queue, ACallThatWasGivenUpIsNotSentWhenItsTurnComes) {
    for (const bool by_deadline : {false, true}) {
        asio::io_context io;
        plain_server server(io, {std::vector(3, ok("1"))});
        client_options options;
        options.max_connections = 1;
        plain_client c(io, options);
        asio::cancellation_signal stop;
        std::optional<result<response>> given_up;
        auto queued = [&]() -> awaitable<void> {
            co_await asio::this_coro::throw_if_cancelled(false);
            given_up = co_await c.handle.try_send(post(server.url(), "{}").within(by_deadline ? 200ms : 60s));
            server.stop();
            c.handle.close();
        };
        auto first = [&]() -> awaitable<void> {
            (void)co_await c.handle.try_send(get(server.url()));
            const auto until = clock::now() + 250ms;
            if (!by_deadline) stop.emit(asio::cancellation_type::terminal);
            while (by_deadline && clock::now() < until) {
            }
        };
        asio::co_spawn(io, first, asio::detached);
        asio::co_spawn(io, queued, asio::bind_cancellation_slot(stop.slot(), asio::detached));
        run_out(io);
        ASSERT_TRUE(given_up && !*given_up);
        EXPECT_TRUE(given_up->error().is(by_deadline ? errc::timed_out : errc::cancelled)) << given_up->error().detail;
        EXPECT_FALSE(given_up->error().may_have_arrived);
        EXPECT_EQ(server.requests.size(), 1u);
    }
}

TEST(Reuse, WhatIsIdleForTooLongIsClosedThoughItsOwnHostIsNotCalledAgain) {
    asio::io_context io;
    plain_server left(io, {{ok("1")}});
    std::deque<std::vector<exchange_script>> scripts(50, std::vector(1000, ok("2")));
    plain_server busy(io, std::move(scripts));
    client_options options;
    options.idle_within = 200ms;
    plain_client c(io, options);
    int ended = 0;
    auto run = [&]() -> awaitable<void> {
        (void)co_await c.handle.try_send(get(left.url()));
        asio::steady_timer pause(io);
        for (int n = 0; n < 1000 && left.ended == 0; ++n) {
            (void)co_await c.handle.try_send(get(busy.url()));
            pause.expires_after(20ms);
            co_await pause.async_wait(asio::use_awaitable);
        }
        ended = left.ended;
        left.stop();
        busy.stop();
        c.handle.close();
    };
    asio::co_spawn(io, run, asio::detached);
    run_out(io);
    EXPECT_EQ(ended, 1);
}

TEST(Reuse, InterimAnswersAreSkippedAndHeadHasNoBody) {
    asio::io_context io;
    plain_server server(
        io,
        {{{"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", after::keep},
          {"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", after::keep},
          {"HTTP/1.1 204 No Content\r\n\r\n", after::keep},
          ok("z")}});
    auto c = plain_client(io).handle;
    auto r =
        calls(io, c, {get(server.url()), request("HEAD", server.url()), get(server.url()), get(server.url())}, server);
    for (auto& one : r)
        ASSERT_TRUE(one) << one.error().detail;
    EXPECT_EQ(r[0]->body(), "a");
    EXPECT_EQ(r[1]->header("content-length"), "500");
    EXPECT_EQ(r[1]->body(), "");
    EXPECT_EQ(r[2]->status(), 204);
    EXPECT_EQ(r[3]->body(), "z");
    EXPECT_EQ(server.accepted, 1);
}

TEST(Uploads, AnAnswerThatComesBeforeTheBodyIsReadIsTheAnswer) {
    asio::io_context io;
    const std::string too_large = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 1\r\n\r\nx";
    plain_server server(io, {{{too_large, after::keep}}, {ok("next")}});
    auto c = plain_client(io).handle;
    auto r = calls(io, c, {post(server.url(), std::string(32 << 20, 'x')), get(server.url())}, server);
    ASSERT_TRUE(r[0]) << r[0].error().detail;
    EXPECT_EQ(r[0]->status(), 413);
    ASSERT_TRUE(r[1]) << r[1].error().detail;
    EXPECT_EQ(r[1]->body(), "next");
    EXPECT_EQ(server.accepted, 2) << "half a request was sent on the first connection";
}

TEST(Resend, UnderLoadAServerThatResetsEverythingCostsNoRepeatableCall) {
    workspace w;
    asio::io_context io;
    client c(io.get_executor(), w.cache(io.get_executor()), w.options());
    tally t;
    int made = 0;
    for (int worker = 0; worker < 32; ++worker) {
        asio::co_spawn(
            io,
            [&]() -> awaitable<void> {
                for (int i = 0; i < 50; ++i) {
                    if (++made % 400 == 0) w.emulated.drop_connections();
                    auto r = co_await c.try_send(get(w.url()));
                    t.add(r);
                }
            },
            asio::detached);
    }
    run_out(io);
    // A reset may also meet a connection that is new, or an answer that has begun: those are told, not repeated.
    EXPECT_EQ(t.ok + t.bad, 1600);
    EXPECT_GE(t.ok, 1600 - 4 * 32) << t.first();
    EXPECT_GT(c.counters().resends, 0u);
    EXPECT_EQ(c.counters().in_flight, 0u);
}

TEST(SentRequest, IsWhatTheCallerAskedForAndNothingElse) {
    asio::io_context io;
    plain_server server(io, {{ok("a"), ok("b")}});
    client_options options;
    options.user_agent = "orders/2.1";
    auto c = plain_client(io, options).handle;
    auto r = calls(io, c, {get(server.url("/api/x?y=1#frag")).with("X-Id", " 7 "), post(server.url(), "{}")}, server);
    for (auto& one : r)
        ASSERT_TRUE(one) << one.error().detail;
    const auto host = server.requests[0].substr(server.requests[0].find("Host: "), 40);
    EXPECT_EQ(
        server.requests[0],
        "GET /api/x?y=1 HTTP/1.1\r\n" + host.substr(0, host.find('\r')) +
            "\r\nUser-Agent: dbxapps/" DBXAPPS_VERSION
            " orders/2.1\r\nAccept-Encoding: gzip, deflate\r\nAuthorization: Bearer a-fixed-token\r\nX-Id: 7\r\n\r\n");
    EXPECT_NE(server.requests[1].find("\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n"),
              std::string::npos);
}

}  // namespace
}  // namespace dbxapps::test
