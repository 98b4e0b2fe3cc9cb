// Clients and caches on strands, callers on contexts of their own, and contexts that end or are not run.
#include <support/plain_server.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/strand.hpp>

namespace dbxapps::test {
namespace {

TEST(OnAStrand, AClientAndACacheMayOutliveTheirContext) {
    workspace w;
    client c;
    std::shared_ptr<token_cache> cache;
    {
        asio::io_context io;
        cache = w.cache(asio::make_strand(io));
        c = client(asio::make_strand(io.get_executor()), cache, w.options());
        ASSERT_TRUE(call(io, c, get(w.url())));
    }
    asio::io_context other;
    const auto r = call(other, c, get(w.url()));
    EXPECT_TRUE(!r && r.error().is(errc::closed));
}

TEST(OnAStrand, OrOnAnExecutorThatCountsAsWorkRunReturns) {
    workspace w;
    asio::io_context io;
    {
        const auto busy = asio::require(io.get_executor(), asio::execution::outstanding_work.tracked);
        client c(busy, w.cache(busy), w.options());
        asio::co_spawn(
            io,
            [&, c]() -> awaitable<void> {
                auto r = co_await c.try_send(get(w.url()));
                EXPECT_TRUE(r);
            },
            asio::detached);
    }
    run_out(io);
}

TEST(FromElsewhere, ACallEndsAtItsDeadlineThoughNobodyRunsTheClientsContext) {
    workspace w;
    asio::io_context home, away;
    client c(home.get_executor(), w.cache(home.get_executor()), w.options());
    const auto r = call(away, c, get(w.url()).within(50ms));
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::timed_out)) << r.error().detail;
    EXPECT_NE(r.error().detail.find("being run"), std::string::npos) << r.error().detail;
    run_out(home);  // what was left there finds nobody and does nothing
    EXPECT_EQ(w.emulated.count().calls, 0u);
}

TEST(FromElsewhere, ACallIsAnsweredWhenTheClientsContextGoesBeforeItStarted) {
    workspace w;
    auto home = std::make_unique<asio::io_context>();
    asio::io_context away;
    client c(home->get_executor(), w.cache(home->get_executor()), w.options());
    tally t;
    start_calls(away, c, w.url(), 3, 1, t);
    settle(away);
    home.reset();
    run_out(away);
    EXPECT_EQ(t.bad, 3);
    EXPECT_NE(t.first().find("io_context is gone"), std::string::npos) << t.first();
}

TEST(FromElsewhere, CloseAnswersThoseCallersToo) {
    workspace w;
    asio::io_context home, away;
    client c(home.get_executor(), w.cache(home.get_executor()), w.options());
    tally t;
    start_calls(away, c, w.url(), 3, 1, t);
    settle(away);
    c.close();
    run_out(away);
    EXPECT_EQ(t.bad, 3);
}

TEST(Close, EndsTheWaitForATokenAtOnceAndLeavesTheCacheAlone) {
    workspace w;
    asio::io_context io;
    auto cache = w.cache(io.get_executor());
    client c(io.get_executor(), cache, w.options());
    client other(io.get_executor(), cache, w.options());
    w.emulated.inject(emulator_place::token_endpoint, stall(1));
    tally t, u;
    start_calls(io, c, w.url(), 5, 1, t);
    start_calls(io, other, w.url(), 1, 1, u);
    ASSERT_TRUE(eventually(io, [&] { return w.emulated.count().token_requests == 1; }));
    c.close();
    ASSERT_TRUE(eventually(io, [&] { return t.bad == 5; })) << t.bad;
    EXPECT_NE(t.first().find("closed"), std::string::npos) << t.first();
    EXPECT_EQ(u.ok + u.bad, 0);
    cache->close();
    run_out(io);
    EXPECT_EQ(u.bad, 1);
}

TEST(OneTokenOnly, ThatOneAppRefusesStillServesTheOthers) {
    asio::io_context io;
    const std::string no = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n";
    plain_server server(io, {{ok("a"), {no, {}}, ok("b"), {no, {}}, ok("c")}});
    auto c = plain_client(io).handle;
    const auto one = [&] { return get(server.url()); };
    auto r = calls(io, c, {one(), one(), one(), one(), one()}, server);
    EXPECT_EQ(r[0]->body(), "a");
    EXPECT_TRUE(!r[1] && r[1].error().is(errc::not_signed_in));
    ASSERT_TRUE(r[2]) << r[2].error().detail;
    EXPECT_TRUE(!r[3] && r[3].error().is(errc::not_signed_in));
    ASSERT_TRUE(r[4]) << r[4].error().detail;
}

TEST(IdleWithinZero, KeepsNoConnection) {
    workspace w;
    asio::io_context io;
    client_options options = w.options();
    options.idle_within = 0s;
    client c(io.get_executor(), w.cache(io.get_executor()), options);
    for (int i = 1; i <= 3; ++i) {
        ASSERT_TRUE(call(io, c, get(w.url())));
        EXPECT_EQ(c.counters().connections, static_cast<std::uint64_t>(i));
    }
}

// A source of the user's own.
class odd_source final : public token_source {
public:
    explicit odd_source(std::function<result<token>(int)> answer) : answer_(std::move(answer)) {}
    awaitable<result<token>> fetch(transport&, time_point) override { co_return answer_(++asked_); }

private:
    std::function<result<token>(int)> answer_;
    int asked_ = 0;
};

TEST(OddSource, ATokenThatWouldSplitTheRequestIsNeverSent) {
    workspace w;
    asio::io_context io;
    auto source = std::make_unique<odd_source>([](int) { return token("abc\r\nX-Injected: yes"); });
    client c(io.get_executor(), make_token_cache(io.get_executor(), std::move(source)), w.options());
    const auto r = call(io, c, get(w.url()));
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::token_unavailable)) << r.error().detail;
    EXPECT_EQ(r.error().detail.find("abc"), std::string::npos) << r.error().detail;
    EXPECT_EQ(w.emulated.count().calls + w.emulated.count().refused, 0u);
}

TEST(OddSource, ATokenWithoutLifeIsAFailureThatSaysSo) {
    workspace w;
    asio::io_context io;
    auto source = std::make_unique<odd_source>([](int) { return token("abc", 0s); });
    client c(io.get_executor(), make_token_cache(io.get_executor(), std::move(source)), w.options());
    const auto r = call(io, c, get(w.url()));
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::token_unavailable)) << r.error().detail;
    EXPECT_NE(r.error().detail.find("clock"), std::string::npos) << r.error().detail;
}

// Whether it may be tried again is asked when it has failed.
class changing_source final : public token_source {
public:
    awaitable<result<token>> fetch(transport&, time_point) override {
        ++asked;
        co_return failure(errc::timed_out, "not in time");
    }
    bool may_repeat() const noexcept override { return asked < 3; }
    static inline int asked = 0;
};

TEST(OddSource, IsTriedAgainAsLongAsItMayBe) {
    workspace w;
    asio::io_context io;
    client_options options = w.options();
    options.retry.max_retries = 0;
    options.within = 30s;
    client c(io.get_executor(), make_token_cache(io.get_executor(), std::make_unique<changing_source>()), options);
    EXPECT_FALSE(call(io, c, get(w.url())));
    EXPECT_EQ(changing_source::asked, 3);
}

TEST(OddSource, WhateverItThrowsIsAFailedTryAndTheNextOneCounts) {
    asio::io_context io;
    hand_clock hand;
    token_options options;
    options.clock = hand.function();
    options.network.tls.system_roots = false;
    auto source = std::make_unique<odd_source>([](int n) -> result<token> {
        if (n == 1) throw 42;
        if (n == 2) throw std::runtime_error("out of luck");
        return token("good");
    });
    auto cache = make_token_cache(io.get_executor(), std::move(source), options);
    std::vector<std::string> words;
    for (int i = 0; i < 3; ++i) {
        asio::co_spawn(
            io,
            [&]() -> awaitable<void> {
                auto r = co_await cache->get(clock::now() + 10s);
                words.push_back(r ? std::string((*r)->access_token()) : r.error().detail);
            },
            asio::detached);
        run_out(io);
        hand.advance(2s);
    }
    EXPECT_NE(words[0].find("no std::exception"), std::string::npos) << words[0];
    EXPECT_NE(words[1].find("out of luck"), std::string::npos) << words[1];
    EXPECT_EQ(words[2], "good");
}

TEST(FromElsewhere, AnAbandonedCallMayHaveArrived) {
    workspace w;
    asio::io_context io, home;
    const client c(io.get_executor(), w.cache(io.get_executor()), w.options());
    w.emulated.inject(emulator_place::apps, stall(1));
    std::optional<result<response>> r;
    asio::cancellation_signal signal;
    asio::co_spawn(
        home, [&]() -> awaitable<void> { r = co_await c.try_send(post(w.url("/api/echo"), "x")); },
        asio::bind_cancellation_slot(signal.slot(), asio::detached));
    ASSERT_TRUE(eventually({&home, &io}, [&] { return w.emulated.count().app_requests == 1; }));
    signal.emit(asio::cancellation_type::terminal);
    ASSERT_TRUE(eventually({&home, &io}, [&] { return r.has_value(); }));
    EXPECT_TRUE(r->error().is(errc::cancelled)) << r->error().detail;
    EXPECT_TRUE(r->error().may_have_arrived);
    EXPECT_TRUE(eventually({&home, &io}, [&] { return c.counters().in_flight == 0; }));
}

}  // namespace
}  // namespace dbxapps::test
