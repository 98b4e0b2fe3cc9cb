// Requests that are sent again because later may help, and those that are not.
#include <support/workspace.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

namespace dbxapps::test {
namespace {

emulator_fault busy(int status, std::uint64_t times, std::string fields = {}) {
    emulator_fault f;
    f.what = emulator_fault::kind::answer;
    f.status = status;
    f.headers = std::move(fields);
    f.times = times;
    return f;
}

struct Retry : testing::Test {
    client make(client_options o) { return client(io.get_executor(), w.cache(io.get_executor()), std::move(o)); }
    client_options quick() const {
        auto o = w.options();
        o.retry.first_delay = o.retry.max_delay = 1ms;
        return o;
    }

    workspace w;
    asio::io_context io;
};

TEST_F(Retry, ARequestThatMayRepeatIsSentAgainUntilItGoesWell) {
    for (const int status : {429, 502, 503, 504}) {
        const client c = make(quick());
        w.emulated.inject(emulator_place::apps, busy(status, 3));
        const auto r = call(io, c, get(w.url()));
        ASSERT_TRUE(r) << status << r.error().detail;
        EXPECT_EQ(c.counters().retries, 3U);
    }
}

TEST_F(Retry, OneThatMayNotIsNot) {
    const client c = make(quick());
    w.emulated.inject(emulator_place::apps, busy(503, 1));
    const auto r = call(io, c, post(w.url("/api/echo"), "{}"));
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::app_stopped)) << r.error().detail;
    EXPECT_EQ(r.error().attempts, 1);
    EXPECT_EQ(c.counters().retries, 0U);
    w.emulated.inject(emulator_place::apps, busy(503, 1));
    EXPECT_TRUE(call(io, c, post(w.url("/api/echo"), "{}").repeatable())) << "by the caller's word it may";
}

TEST_F(Retry, EveryRequestIsTriedAgainWhenNoConnectionCouldBeMade) {
    const client c = make(quick());
    w.emulated.refuse(emulator_place::apps);
    const auto r = call(io, c, post(w.url("/api/echo"), "{}"));
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::connect_failed)) << r.error().detail;
    EXPECT_EQ(c.counters().retries, 3U);
}

TEST_F(Retry, TheAppsOwnAnswerIsTheOutcomeWhenTriesAreSpent) {
    auto o = quick();
    o.retry.max_retries = 2;
    const client c = make(o);
    const auto r = call(io, c, get(w.url("/api/status/503")));
    ASSERT_TRUE(r) << r.error().detail;
    EXPECT_EQ(r->status(), 503);
    EXPECT_EQ(c.counters().retries, 2U);
    EXPECT_EQ(w.emulated.count().calls, 3U);
}

TEST_F(Retry, NoneIsMadeThatRetryAfterPutsBehindTheDeadline) {
    const client c = make(quick());
    w.emulated.inject(emulator_place::apps, busy(503, 1, "retry-after: 100\r\n"));
    const auto r = call(io, c, get(w.url()).within(50s));
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::app_stopped)) << r.error().detail;
    EXPECT_EQ(r.error().retry_after, std::optional<duration>(100s));
    EXPECT_EQ(c.counters().retries, 0U) << "it is known at once that waiting is no use";
}

TEST_F(Retry, AnOutageIsNotMultiplied) {
    constexpr int calls = 10'000, workers = 50;
    auto o = quick();
    o.max_connections = workers;
    o.circuit.failures = 0;  // which would spare most of them
    const client c = make(o);
    w.emulated.inject(emulator_place::apps, busy(503, 1'000'000));
    tally t;
    start_calls(io, c, w.url(), workers, calls / workers, t);
    run_out(io);
    EXPECT_EQ(t.bad, calls);
    EXPECT_LE(w.emulated.count().app_requests, calls * 11 / 10);
    EXPECT_GE(w.emulated.count().app_requests, static_cast<std::uint64_t>(calls));
    EXPECT_GT(c.counters().retries, 0U);
    w.emulated.clear_faults();
    tally after;
    start_calls(io, c, w.url(), 1, 100, after);
    run_out(io);
    ASSERT_EQ(after.ok, 100);
    w.emulated.inject(emulator_place::apps, busy(503, 1));
    EXPECT_TRUE(call(io, c, get(w.url()))) << "what went well has earned retries again";
}

TEST_F(Retry, AnAppThatIsDownFailsFastAndTheOthersDoNotNotice) {
    auto o = quick();
    o.circuit = {.failures = 5, .over = 0s, .first_open = 1h, .most_open = 1h};
    const client c = make(o);
    auto down = busy(502, 1'000'000);
    down.host = w.emulated.app_url("down");
    down.host = down.host.substr(8, down.host.rfind(':') - 8);
    w.emulated.inject(emulator_place::apps, down);
    const auto ask = [&] { return call(io, c, post(w.url("/api/echo", "down"), "{}")); };
    for (int n = 0; n < 5; ++n) {
        const auto r = ask();
        EXPECT_TRUE(!r && r.error().is(errc::app_unavailable)) << n;
    }
    const auto requests = w.emulated.count().app_requests;
    const auto r = ask();
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::circuit_open)) << r.error().detail;
    EXPECT_NE(r.error().detail.find("app_unavailable"), std::string::npos) << r.error().detail;
    EXPECT_TRUE(r.error().retry_after && *r.error().retry_after <= 1h);
    EXPECT_EQ(r.error().attempts, 0);
    EXPECT_EQ(w.emulated.count().app_requests, requests) << "it was not sent";
    EXPECT_TRUE(call(io, c, get(w.url())));
}

TEST_F(Retry, ACircuitLetsOneCallLookAndClosesWhenThatGoesWell) {
    auto o = quick();
    o.circuit = {.failures = 5, .over = 0s, .first_open = 1ns, .most_open = 1h};
    const client c = make(o);
    w.emulated.inject(emulator_place::apps, busy(502, 5));
    for (int n = 0; n < 5; ++n)
        EXPECT_FALSE(call(io, c, post(w.url("/api/echo"), "{}")));
    // It is open now, and its time has passed: the first looks, and the others have to wait for what it says.
    w.emulated.inject(emulator_place::apps, stall(1));
    std::optional<result<response>> looks;
    asio::co_spawn(
        io, [&]() -> awaitable<void> { looks.emplace(co_await c.try_send(post(w.url("/api/echo"), "{}"))); },
        asio::detached);
    ASSERT_TRUE(eventually(io, [&] { return w.emulated.count().app_requests == 6; }));
    std::optional<result<response>> second;
    asio::co_spawn(
        io, [&]() -> awaitable<void> { second.emplace(co_await c.try_send(get(w.url()))); }, asio::detached);
    ASSERT_TRUE(eventually(io, [&] { return second.has_value(); }));
    EXPECT_TRUE(!*second && second->error().is(errc::circuit_open));
    w.emulated.drop_connections();  // the one that looks learns that it is still down, and another may look
    ASSERT_TRUE(eventually(io, [&] { return looks.has_value(); }));
    EXPECT_TRUE(call(io, c, get(w.url())));
    EXPECT_TRUE(call(io, c, get(w.url())));
}

TEST_F(Retry, WhatAnEarlierAttemptMayHaveDoneIsNotForgotten) {
    auto o = quick();
    o.retry.max_retries = 1;
    const client c = make(o);
    emulator_fault lost;
    lost.what = emulator_fault::kind::close;
    w.emulated.inject(emulator_place::apps, lost);
    w.emulated.inject(emulator_place::apps, busy(503, 1));
    const auto r = call(io, c, request("PUT", w.url("/api/echo")).body("{}", "application/json"));
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::app_stopped)) << r.error().detail;
    EXPECT_TRUE(r.error().may_have_arrived) << "the first one may have";
    EXPECT_EQ(r.error().attempts, 2);
    w.emulated.inject(emulator_place::apps, busy(504, 1));
    const auto slow = call(io, c, post(w.url("/api/echo"), "{}"));
    ASSERT_FALSE(slow);
    EXPECT_TRUE(slow.error().may_have_arrived) << "the app may still be at it";
}

// Hangs in a back-off that only news can end.
struct RetryThatWaits : Retry {
    void start() {
        auto o = w.options();
        o.retry.first_delay = o.retry.max_delay = 1h;
        o.within = 24h;
        c = make(o);
        w.emulated.inject(emulator_place::apps, busy(503, 1, "retry-after: 3000\r\n"));
        asio::co_spawn(
            io, [this]() -> awaitable<void> { r = co_await c.try_send(get(w.url())); },
            asio::bind_cancellation_slot(stop.slot(), asio::detached));
        ASSERT_TRUE(eventually(io, [&] { return c.counters().retries == 1; }));
        settle(io);
    }

    client c;
    asio::cancellation_signal stop;
    result<response> r = failure(errc::bad_config, "never ended");
};

TEST_F(RetryThatWaits, EndsWhenItIsCancelled) {
    start();
    stop.emit(asio::cancellation_type::terminal);
    run_out(io);
    EXPECT_TRUE(!r && r.error().is(errc::cancelled)) << r.error().detail;
}

TEST_F(RetryThatWaits, EndsWhenTheClientIsClosed) {
    start();
    c.close();
    run_out(io);
    EXPECT_TRUE(!r && r.error().is(errc::closed)) << r.error().detail;
}

TEST_F(Retry, OptionsOutOfTheirRangeAreRefused) {
    const auto refused = [&](void (*change)(retry_options&)) {
        auto o = w.options();
        change(o.retry);
        EXPECT_THROW(make(o), error);
    };
    const auto circuit_refused = [&](circuit_options wrong) {
        auto o = w.options();
        o.circuit = wrong;
        EXPECT_THROW(make(o), error);
    };
    circuit_refused({.failures = -1});
    circuit_refused({.over = -1s});
    circuit_refused({.first_open = 0s});
    circuit_refused({.first_open = 31s});
    circuit_refused({.most_open = 2h});
    refused([](retry_options& o) { o.max_retries = -1; });
    refused([](retry_options& o) { o.max_retries = 21; });
    refused([](retry_options& o) { o.first_delay = -1s; });
    refused([](retry_options& o) { o.first_delay = 11s; });
    refused([](retry_options& o) { o.max_delay = 2h; });
    refused([](retry_options& o) { o.budget_ratio = 1.5; });
    refused([](retry_options& o) { o.budget_burst = -1; });
}

}  // namespace
}  // namespace dbxapps::test
