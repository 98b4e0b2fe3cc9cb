// Deadlines, cancellation and close(): each ends a call wherever it waits, as its own code, and leaves nothing behind.
#include <support/plain_server.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

namespace dbxapps::test {
namespace {

struct stalled : testing::Test {
    workspace w;
    asio::io_context io;
    client c;
    bool over = false;  // the call of call_and

    void SetUp() override { c = client(io.get_executor(), w.cache(io.get_executor()), w.options(1)); }
    void stall(emulator_place place, std::uint64_t times = 1) { w.emulated.inject(place, test::stall(times)); }

    // All of them have gone as far as they come by themselves.
    bool calls_wait(std::uint64_t n) {
        const bool there = eventually(io, [&] { return c.counters().in_flight == n; });
        settle(io);
        return there;
    }
    bool fetch_waits() {
        return eventually(io, [&] { return w.emulated.count().token_requests == 1; });
    }
    // Starts a call, does `then` once it is the `n`th that waits, and runs to the end.
    result<response> call_and(std::uint64_t n, request r, std::function<void()> then,
                              asio::cancellation_slot slot = {}) {
        result<response> out = failure(errc::closed, "never ended");
        asio::co_spawn(
            io,
            [&, r]() -> awaitable<void> {
                co_await asio::this_coro::throw_if_cancelled(false);
                out = co_await c.try_send(r);
                over = true;
            },
            asio::bind_cancellation_slot(slot, asio::detached));
        EXPECT_TRUE(calls_wait(n));
        then();
        run_out(io);
        return out;
    }
};

TEST_F(stalled, AnAnswerThatNeverComesEndsAtTheDeadlineNotBefore) {
    ASSERT_TRUE(call(io, c, get(w.url())));
    stall(emulator_place::apps);
    const auto start = clock::now();
    auto r = call(io, c, get(w.url()).within(150ms));
    EXPECT_GE(clock::now() - start, 150ms);
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::timed_out)) << r.error().detail;
    EXPECT_NE(r.error().detail.find("waiting for the answer"), std::string::npos) << r.error().detail;
    EXPECT_TRUE(r.error().may_have_arrived);
    ASSERT_TRUE(call(io, c, get(w.url())));  // on another connection
    EXPECT_EQ(c.counters().connections, 2u);
}

TEST_F(stalled, ADeadlineBeyondTheEndOfTimeIsNone) {
    ASSERT_TRUE(call(io, c, get(w.url()).within(duration::max())));
    bool served = false;
    asio::co_spawn(
        io, [&]() -> awaitable<void> { served = (co_await c.tokens()->get(time_point::max())).has_value(); },
        asio::detached);
    run_out(io);
    EXPECT_TRUE(served);
}

TEST_F(stalled, AQueueForAConnectionEndsAtTheDeadlineAndSaysWhyItIsLong) {
    stall(emulator_place::apps);
    tally hog;
    start_calls(io, c, w.url(), 1, 1, hog);
    ASSERT_TRUE(eventually(io, [&] { return c.counters().connections == 1; }));
    result<response> out = failure(errc::closed, "");
    asio::co_spawn(
        io,
        [&]() -> awaitable<void> {
            out = co_await c.try_send(get(w.url()).within(100ms));
            c.close();
        },
        asio::detached);
    run_out(io);
    ASSERT_FALSE(out);
    EXPECT_TRUE(out.error().is(errc::timed_out)) << out.error().detail;
    EXPECT_NE(out.error().detail.find("1 busy"), std::string::npos) << out.error().detail;
    EXPECT_FALSE(out.error().may_have_arrived);
}

TEST_F(stalled, ATokenThatNeverComesEndsAtTheCallsDeadlineNotBefore) {
    stall(emulator_place::token_endpoint, 100);
    result<response> out = failure(errc::closed, "never ended");
    const auto start = clock::now();
    asio::co_spawn(
        io,
        [&]() -> awaitable<void> {
            out = co_await c.try_send(get(w.url()).within(150ms));
            EXPECT_GE(clock::now() - start, 150ms);
            c.tokens()->close();  // the fetch would go on without the call
        },
        asio::detached);
    run_out(io);
    ASSERT_FALSE(out);
    EXPECT_TRUE(out.error().is(errc::timed_out)) << out.error().detail;
    EXPECT_NE(out.error().detail.find("no token came in time"), std::string::npos) << out.error().detail;
    EXPECT_FALSE(out.error().may_have_arrived);
    EXPECT_EQ(out.error().attempts, 0);
}

TEST_F(stalled, ClosingTheCacheEndsTheWaitForAToken) {
    stall(emulator_place::token_endpoint, 100);
    auto r = call_and(1, get(w.url()), [&] {
        EXPECT_TRUE(fetch_waits());
        EXPECT_FALSE(over);
        c.tokens()->close();
    });
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::closed)) << r.error().detail;
}

TEST_F(stalled, AFullBoundedQueueSaysOverloadedAtOnce) {
    client_options options = w.options(1);
    options.max_waiting = 1;
    c = client(io.get_executor(), w.cache(io.get_executor()), options);
    ASSERT_TRUE(call(io, c, get(w.url())));
    stall(emulator_place::apps);
    tally t;
    result<response> third = failure(errc::closed, "");
    start_calls(io, c, w.url(), 2, 1, t);
    ASSERT_TRUE(calls_wait(2));
    asio::co_spawn(
        io,
        [&]() -> awaitable<void> {
            third = co_await c.try_send(get(w.url()));
            c.close();
        },
        asio::detached);
    run_out(io);
    ASSERT_FALSE(third);
    EXPECT_TRUE(third.error().is(errc::overloaded)) << third.error().detail;
    EXPECT_NE(third.error().detail.find("max_connections"), std::string::npos) << third.error().detail;
}

TEST_F(stalled, CancellationEndsTheWaitForAnAnswer) {
    ASSERT_TRUE(call(io, c, get(w.url())));
    stall(emulator_place::apps);
    asio::cancellation_signal signal;
    auto r = call_and(
        1, get(w.url()), [&] { signal.emit(asio::cancellation_type::terminal); }, signal.slot());
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::cancelled)) << r.error().detail;
    EXPECT_TRUE(call(io, c, get(w.url())));
}

TEST_F(stalled, CancellationEndsTheWaitForAToken) {
    stall(emulator_place::token_endpoint, 100);
    asio::cancellation_signal signal;
    auto r = call_and(
        1, get(w.url()),
        [&] {
            EXPECT_TRUE(fetch_waits());
            signal.emit(asio::cancellation_type::terminal);
            EXPECT_TRUE(eventually(io, [&] { return over; }));
            c.tokens()->close();
        },
        signal.slot());
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::cancelled)) << r.error().detail;
}

TEST_F(stalled, CancellationEndsTheWaitForAConnectionAndLeavesTheQueue) {
    ASSERT_TRUE(call(io, c, get(w.url())));
    stall(emulator_place::apps);
    tally hog;
    start_calls(io, c, w.url(), 1, 1, hog);
    ASSERT_TRUE(calls_wait(1));
    asio::cancellation_signal signal;
    auto r = call_and(
        2, get(w.url()),
        [&] {
            signal.emit(asio::cancellation_type::terminal);
            EXPECT_TRUE(eventually(io, [&] { return over; }));
            w.emulated.drop_connections();
        },
        signal.slot());
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::cancelled)) << r.error().detail;
    EXPECT_EQ(hog.ok + hog.bad, 1);
}

TEST_F(stalled, AUsersOwnSwitchForThrowingIsPutBack) {
    bool before = false, after = false;
    asio::co_spawn(
        io,
        [&]() -> awaitable<void> {
            before = co_await asio::this_coro::throw_if_cancelled();
            auto r = co_await c.try_send(get(w.url()));
            EXPECT_TRUE(r);
            auto bad = co_await c.try_send(get("nonsense"));
            EXPECT_FALSE(bad);
            after = co_await asio::this_coro::throw_if_cancelled();
        },
        asio::detached);
    run_out(io);
    EXPECT_TRUE(before);
    EXPECT_TRUE(after);
}

TEST_F(stalled, CloseAnswersEverybodyAndWaitsForNothing) {
    ASSERT_TRUE(call(io, c, get(w.url())));
    stall(emulator_place::apps, 1000);
    tally t;
    std::vector<std::string> codes;
    for (int i = 0; i < 50; ++i) {
        asio::co_spawn(
            io,
            [&]() -> awaitable<void> {
                auto r = co_await c.try_send(get(w.url()));
                codes.push_back(r ? "answered" : r.error().code.message());
                EXPECT_TRUE(!r && r.error().is(errc::closed));
            },
            asio::detached);
    }
    ASSERT_TRUE(calls_wait(50));
    EXPECT_TRUE(codes.empty());
    c.close();
    run_out(io);
    EXPECT_EQ(codes.size(), 50u);
    auto later = call(io, c, get(w.url()));
    ASSERT_FALSE(later);
    EXPECT_TRUE(later.error().is(errc::closed)) << later.error().detail;
}

TEST(Dial, ThatMeetsASilentServerEndsAtItsOwnLimit) {
    asio::io_context io;
    tcp::acceptor silent(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    client_options options;
    options.network.dial_within = 500ms;
    auto c = plain_client(io, options).handle;
    auto r = call(io, c, get("https://127.0.0.1:" + std::to_string(silent.local_endpoint().port()) + "/api/x"));
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::timed_out)) << r.error().detail;
    EXPECT_NE(r.error().detail.find("shaking hands"), std::string::npos) << r.error().detail;
    EXPECT_FALSE(r.error().may_have_arrived);
}

TEST(EmptyClient, EndsItsCallsAsClosed) {
    asio::io_context io;
    client none;
    auto r = call(io, none, get("https://x-1.aws.databricksapps.com/"));
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::closed));
    EXPECT_EQ(none.tokens(), nullptr);
    none.close();
    EXPECT_EQ(none.counters().calls, 0u);
}

TEST(Send, ThrowsWhatTrySendReturns) {
    asio::io_context io;
    auto c = plain_client(io).handle;
    std::string what;
    asio::co_spawn(
        io,
        [&]() -> awaitable<void> {
            try {
                co_await c.send(get("https://stranger.example/"));
            } catch (const error& e) {
                what = e.what();
                EXPECT_EQ(e.code(), errc::host_not_allowed);
            }
        },
        asio::detached);
    run_out(io);
    EXPECT_TRUE(what.starts_with("host_not_allowed: GET https://stranger.example/: ")) << what;
}

}  // namespace
}  // namespace dbxapps::test
