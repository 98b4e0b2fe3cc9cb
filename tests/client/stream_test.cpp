// Answers whose body is read as it comes.
#include <support/pack.hpp>
#include <support/plain_server.hpp>
#include <support/streams.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>

#include <thread>

namespace dbxapps::test {
namespace {

using after = exchange_script::after;

struct Stream : testing::Test {
    // What one plain server, whose connections play these scripts, makes of one stream.
    read_stream from(std::deque<std::vector<exchange_script>> scripts, const std::function<void(request&)>& with = {},
                     client_options o = {}) {
        plain_server server(io, std::move(scripts));
        plain_client c(io, std::move(o));
        request r = get(server.url());
        if (with) with(r);
        read_stream out;
        asio::co_spawn(
            io,
            [&]() -> awaitable<void> {
                out = co_await read_to_end(c.handle, r);
                connections = c.handle.counters().connections;
                server.stop();
                c.handle.close();
            },
            asio::detached);
        run_out(io);
        return out;
    }

    workspace w;
    asio::io_context io;
    std::uint64_t connections = 0;
};

std::string alphabet(std::size_t n) {
    std::string out(n, 'a');
    for (std::size_t i = 0; i < n; ++i)
        out[i] = static_cast<char>('a' + i % 26);
    return out;
}

TEST_F(Stream, ABodyIsReadPieceByPieceHoweverItIsFramed) {
    const client c(io.get_executor(), w.cache(io.get_executor()), w.options());
    for (const std::string path : {"/api/bytes/", "/api/chunked/"}) {
        for (const std::size_t size : {0, 1, 100, 20'000, 3'000'000}) {
            const auto got = stream(io, c, get(w.url(path + std::to_string(size))));
            ASSERT_FALSE(got.why) << path << size << ": " << got.why->detail;
            EXPECT_EQ(got.status, 200);
            EXPECT_EQ(got.body, alphabet(size)) << path << size;
            EXPECT_LE(got.largest, 64u * 1024);
        }
    }
    EXPECT_EQ(c.counters().connections, 1u);
    EXPECT_EQ(c.counters().in_flight, 0u);
    EXPECT_EQ(c.counters().calls, 10u);
}

TEST_F(Stream, ItIsNotLimitedByWhatAWholeBodyMayBe) {
    auto o = w.options();
    o.max_body = 1000;
    const client c(io.get_executor(), w.cache(io.get_executor()), o);
    EXPECT_EQ(stream(io, c, get(w.url("/api/bytes/5000"))).body.size(), 5000u);
    EXPECT_EQ(stream(io, c, get(w.url("/api/chunked/5000"))).body.size(), 5000u);
}

TEST_F(Stream, TheHeadIsThereBeforeTheBody) {
    const auto got = from({{{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst", after::keep}}},
                          [](request& r) { r.idle_within(30ms); });
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.body, "first");
    ASSERT_TRUE(got.why);
    EXPECT_TRUE(got.why->is(errc::timed_out)) << got.why->detail;
    EXPECT_TRUE(got.why->detail.starts_with("GET http://127.0.0.1:")) << got.why->detail;
    EXPECT_TRUE(got.why->may_have_arrived);
    EXPECT_EQ(got.why->status, 200);
}

TEST_F(Stream, ABodyThatTheConnectionsEndDelimitsIsWholeWithACleanEnd) {
    const auto got = from({{{"HTTP/1.1 200 OK\r\n\r\nall of it", after::close}}});
    EXPECT_FALSE(got.why);
    EXPECT_EQ(got.body, "all of it");
}

TEST_F(Stream, WhatBreaksOffIsNoSuccessAndSaysHowFarItCame) {
    for (const auto& [answer, then, code, words] :
         {std::tuple("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst", after::close, errc::connection_lost,
                     "after 5 of 10 bytes"),
          std::tuple("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n", after::close,
                     errc::connection_lost, "after 5 bytes"),
          std::tuple("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirstxx", after::keep,
                     errc::bad_response, "a chunk does not end where it said")}) {
        const auto got = from({{{answer, then}}});
        ASSERT_TRUE(got.why) << answer;
        EXPECT_TRUE(got.why->is(code)) << got.why->detail;
        EXPECT_NE(got.why->detail.find(words), std::string::npos) << got.why->detail;
    }
}

TEST_F(Stream, AnEndlessLineBetweenChunksIsRefused) {
    const std::string endless(200'000, 'x');
    const auto got =
        from({{{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1;" + endless, after::keep}}});
    ASSERT_TRUE(got.why);
    EXPECT_TRUE(got.why->is(errc::response_too_large)) << got.why->detail;
}

TEST_F(Stream, APackedBodyIsUnpackedAsItComesAndABombGoesOffInSmallPieces) {
    const std::string plain(8u << 20, 'x');
    const std::string packed = support::gzip(plain);
    ASSERT_LT(packed.size(), 64u * 1024);
    const auto got =
        from({{{"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + std::to_string(packed.size()) +
                    "\r\n\r\n" + packed,
                after::keep}}});
    ASSERT_FALSE(got.why) << got.why->detail;
    EXPECT_EQ(got.body, plain);
    EXPECT_LE(got.largest, 64u * 1024);
}

TEST_F(Stream, APackedBodyThatEndsTooSoonIsAnError) {
    const std::string cut = support::gzip(alphabet(5000)).substr(0, 60);
    const auto got =
        from({{{"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 60\r\n\r\n" + cut, after::keep}}});
    ASSERT_TRUE(got.why);
    EXPECT_TRUE(got.why->is(errc::bad_response)) << got.why->detail;
}

TEST_F(Stream, WhatTheFrontDoorSaysIsAnErrorHereToo) {
    const client c(io.get_executor(), w.cache(io.get_executor()), w.options());
    emulator_fault page;
    page.what = emulator_fault::kind::answer;
    page.content_type = "text/html";
    for (const auto& [status, body, code] :
         {std::tuple(200, "<html>sign in</html>", errc::not_signed_in),
          std::tuple(403, "Source IP address: 1.2.3.4 is blocked by Databricks IP ACL for workspace: 1",
                     errc::ip_blocked),
          std::tuple(404, "", errc::app_not_found)}) {
        page.status = status;
        page.body = body;
        page.times = 3;
        w.emulated.clear_faults();
        w.emulated.inject(emulator_place::apps, page);
        const auto got = stream(io, c, get(w.url()).with("accept", "application/json"));
        ASSERT_TRUE(got.why) << status;
        EXPECT_TRUE(got.why->is(code)) << got.why->detail;
    }
}

TEST_F(Stream, ARefusedTokenIsReplacedAndABusyAppAskedAgain) {
    const client c(io.get_executor(), w.cache(io.get_executor()), w.options());
    ASSERT_FALSE(stream(io, c, get(w.url())).why);
    w.emulated.revoke_tokens();
    EXPECT_FALSE(stream(io, c, get(w.url("/api/bytes/100000"))).why);
    EXPECT_EQ(c.counters().replays, 1u);
    emulator_fault busy;
    busy.what = emulator_fault::kind::answer;
    busy.status = 503;
    w.emulated.inject(emulator_place::apps, busy);
    EXPECT_EQ(stream(io, c, get(w.url("/api/bytes/100000"))).body.size(), 100'000u);
    EXPECT_EQ(c.counters().retries, 1u);
}

TEST_F(Stream, AnErrorOfTheAppsOwnIsAStreamOfItsOwn) {
    const client c(io.get_executor(), w.cache(io.get_executor()), w.options());
    const auto got = stream(io, c, get(w.url("/api/status/418")));
    EXPECT_FALSE(got.why);
    EXPECT_EQ(got.status, 418);
}

TEST_F(Stream, WhatIsLeftUnreadCostsTheConnectionUnlessItHasArrived) {
    const std::string body(40'000, 'x');  // more than is read at once, and less than a socket holds
    const auto whole = ok(body);
    const exchange_script half{"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n" + body, after::keep};
    plain_server server(io, {{whole, whole, half}, {whole}});
    plain_client c(io);
    asio::co_spawn(
        io,
        [&]() -> awaitable<void> {
            for (int i = 0; i < 4; ++i) {
                const auto s = co_await c.handle.open(get(server.url()));
                EXPECT_TRUE(s);
            }
            server.stop();
            c.handle.close();
        },
        asio::detached);
    run_out(io);
    EXPECT_EQ(server.accepted, 2);
    EXPECT_EQ(c.handle.counters().in_flight, 0u);
}

TEST_F(Stream, ItIsInFlightUntilItIsOver) {
    auto o = w.options();
    o.max_in_flight = 1;
    const client c(io.get_executor(), w.cache(io.get_executor()), o);
    asio::co_spawn(
        io,
        [&]() -> awaitable<void> {
            auto s = co_await c.open(get(w.url("/api/bytes/5000000")));
            EXPECT_TRUE(s);
            EXPECT_EQ(c.counters().in_flight, 1u);
            const auto other = co_await c.try_send(get(w.url()));
            EXPECT_TRUE(!other && other.error().is(errc::overloaded));
            s = response_stream();
            EXPECT_EQ(c.counters().in_flight, 0u);
            EXPECT_TRUE(co_await c.try_send(get(w.url())));
        },
        asio::detached);
    run_out(io);
}

TEST_F(Stream, ClosingTheClientEndsAReadAndSoDoesCancellation) {
    for (const bool cancel : {false, true}) {
        plain_server server(io, {{{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst", after::keep}}});
        plain_client c(io);
        std::vector<errc> ends;
        asio::cancellation_signal signal;
        asio::co_spawn(
            io,
            [&]() -> awaitable<void> {
                auto s = co_await c.handle.open(get(server.url()));
                for (int i = 0; i < (cancel ? 2 : 3); ++i) {  // who is cancelled goes no further
                    const auto piece = co_await s->read_some();
                    ends.push_back(piece ? errc() : static_cast<errc>(piece.error().code.value()));
                }
            },
            asio::bind_cancellation_slot(signal.slot(), asio::detached));
        ASSERT_TRUE(eventually(io, [&] { return ends.size() == 1; }));
        settle(io);
        cancel ? signal.emit(asio::cancellation_type::terminal) : c.handle.close();
        server.stop();
        ASSERT_TRUE(eventually(io, [&] { return ends.size() == (cancel ? 2u : 3u); }));
        const errc why = cancel ? errc::cancelled : errc::closed;
        EXPECT_EQ(ends[0], errc());
        for (std::size_t i = 1; i < ends.size(); ++i)
            EXPECT_EQ(ends[i], why) << cancel << i;
        c.handle.close();
        run_out(io);
    }
}

TEST_F(Stream, ItIsReadFromAnotherContext) {
    const client c(io.get_executor(), w.cache(io.get_executor()), w.options());
    auto working = asio::make_work_guard(io);
    std::thread runs([&] { io.run(); });
    asio::io_context home;
    const auto got = stream(home, c, get(w.url("/api/chunked/3000000")));
    EXPECT_FALSE(got.why) << got.why->detail;
    EXPECT_EQ(got.body, alphabet(3'000'000));
    EXPECT_EQ(c.counters().calls, 1u);
    EXPECT_EQ(c.counters().in_flight, 0u);
    working.reset();
    runs.join();
}

TEST_F(Stream, OneThatOutlivesTheContextIsOver) {
    response_stream kept;
    auto other = std::make_unique<asio::io_context>();
    {
        const client c(other->get_executor(), w.cache(other->get_executor()), w.options());
        asio::co_spawn(
            *other, [&]() -> awaitable<void> { kept = (co_await c.open(get(w.url("/api/bytes/5000000")))).value(); },
            asio::detached);
        run_out(*other);
    }
    EXPECT_EQ(kept.status(), 200);
    other.reset();
    kept = response_stream();
    EXPECT_EQ(kept.status(), 0);
}

TEST_F(Stream, AnEmptyOneAndAnEmptyClientSaySo) {
    response_stream none;
    std::optional<failure> read, opened;
    asio::co_spawn(
        io,
        [&]() -> awaitable<void> {
            read = (co_await none.read_some()).error();
            opened = (co_await client().open(get("https://x.aws.databricksapps.com/"))).error();
        },
        asio::detached);
    run_out(io);
    EXPECT_TRUE(read && read->is(errc::closed));
    EXPECT_TRUE(opened && opened->is(errc::closed));
}

TEST_F(Stream, OneThatIsDroppedWhileItsRequestIsBeingSentSendsNothingMore) {
    // The server answers at once and reads no body; the socket holds a part of it only.
    plain_server server(io, {{{"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nfirst", after::keep}}});
    plain_client c(io);
    std::optional<bool> opened;
    asio::co_spawn(
        io,
        [&]() -> awaitable<void> {
            const auto s = co_await c.handle.open(post(server.url(), std::string(50u << 20, 'x')));
            opened = s.has_value();
        },
        asio::detached);
    ASSERT_TRUE(eventually(io, [&] { return opened.has_value(); }));
    EXPECT_TRUE(*opened);
    EXPECT_EQ(c.handle.counters().in_flight, 0u);
    server.stop();
    c.handle.close();
    run_out(io);
}

TEST_F(Stream, WhereThereIsNoBodyNothingIsMissingToUnpack) {
    const client c(io.get_executor(), w.cache(io.get_executor()), w.options());
    emulator_fault coded;
    coded.what = emulator_fault::kind::answer;
    coded.headers = "gap-auth: x\r\ncontent-encoding: gzip\r\n";
    for (const auto& [method, status] : {std::pair("HEAD", 200), std::pair("GET", 304), std::pair("GET", 200)}) {
        coded.status = status;
        w.emulated.inject(emulator_place::apps, coded);
        const auto got = stream(io, c, request(method, w.url()));
        EXPECT_FALSE(got.why) << method << status << ": " << got.why->detail;
    }
}

TEST_F(Stream, AQuickPeerLeavesOthersTheirTurn) {
    const client c(io.get_executor(), w.cache(io.get_executor()), w.options());
    int others = 0;
    bool over = false;
    asio::co_spawn(
        io,
        [&]() -> awaitable<void> {
            auto s = co_await c.open(get(w.url("/api/bytes/50000000")));
            for (bool more = s.has_value(); more;)
                more = (co_await s->read_some()).value().size() > 0;
            over = true;
        },
        asio::detached);
    asio::co_spawn(
        io,
        [&]() -> awaitable<void> {
            for (; !over; ++others)
                co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
        },
        asio::detached);
    run_out(io);
    EXPECT_GE(others, 50'000'000 / (16 * 1024) / 32);
}

}  // namespace
}  // namespace dbxapps::test
