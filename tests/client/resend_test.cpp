// Kept connections that have died: who is sent again, and who is not.
#include <support/plain_server.hpp>

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
