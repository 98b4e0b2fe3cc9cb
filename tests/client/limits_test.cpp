// Calls that are more than a client lets go, at once or per second.
#include <support/workspace.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

namespace dbxapps::test {
namespace {

struct Limits : testing::Test {
    client make(client_options o) { return client(io.get_executor(), w.cache(io.get_executor()), std::move(o)); }
    // Starts a call that says in `into` how it ended.
    void start(client c, std::optional<result<response>>& into) {
        asio::co_spawn(
            io,
            [this, c, &into]() -> awaitable<void> {
                auto r = co_await c.try_send(get(w.url()).within(1h));
                into.emplace(std::move(r));
            },
            asio::detached);
    }

    workspace w;
    asio::io_context io;
};

TEST_F(Limits, CallsBeyondThoseInFlightAreOverload) {
    auto o = w.options();
    o.max_in_flight = 2;
    client c = make(o);
    w.emulated.inject(emulator_place::apps, stall(2));
    std::optional<result<response>> first, second, third;
    start(c, first);
    start(c, second);
    ASSERT_TRUE(eventually(io, [&] { return w.emulated.count().app_requests == 2; }));
    start(c, third);
    ASSERT_TRUE(eventually(io, [&] { return third.has_value(); }));
    EXPECT_TRUE(!*third && third->error().is(errc::overloaded)) << third->error().detail;
    EXPECT_NE(third->error().detail.find("max_in_flight"), std::string::npos);
    EXPECT_FALSE(first || second);
    c.close();
    run_out(io);
    w.emulated.clear_faults();
    client again = make(o);
    EXPECT_TRUE(call(io, again, get(w.url()))) << "those that ended count no more";
    EXPECT_TRUE(call(io, again, get(w.url())));
    EXPECT_TRUE(call(io, again, get(w.url())));
}

// What counts is who is there, not who comes first to the client's own context.
TEST_F(Limits, CallsFromElsewhereAreAdmittedUpToTheLimit) {
    auto o = w.options();
    o.max_in_flight = 3;
    client c = make(o);
    asio::io_context elsewhere;
    int ok = 0, overloaded = 0;
    for (int n = 0; n < 10; ++n) {
        asio::co_spawn(
            elsewhere,
            [&]() -> awaitable<void> {
                const auto r = co_await c.try_send(get(w.url()));
                ok += r ? 1 : 0;
                overloaded += !r && r.error().is(errc::overloaded) ? 1 : 0;
            },
            asio::detached);
    }
    settle(elsewhere);
    EXPECT_EQ(overloaded, 7);
    EXPECT_TRUE(eventually({&elsewhere, &io}, [&] { return ok == 3; }));
}

TEST_F(Limits, ARequestWhoseTurnIsBehindItsDeadlineIsNotSent) {
    auto o = w.options();
    o.max_rate = 0.001;
    o.max_burst = 2;
    client c = make(o);
    EXPECT_TRUE(call(io, c, get(w.url())));
    EXPECT_TRUE(call(io, c, get(w.url())));
    const auto r = call(io, c, get(w.url()));
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::overloaded)) << r.error().detail;
    EXPECT_NE(r.error().detail.find("max_rate"), std::string::npos);
    EXPECT_EQ(w.emulated.count().app_requests, 2U);
    EXPECT_TRUE(call(io, c, get(w.url("/api/hello", "other")))) << "another origin has turns of its own";
}

TEST_F(Limits, TurnsComeOneAfterTheOther) {
    auto o = w.options();
    o.max_rate = 1000;
    client c = make(o);
    tally t;
    start_calls(io, c, w.url(), 10, 5, t);
    run_out(io);
    EXPECT_EQ(t.ok, 50) << t.first();
}

TEST_F(Limits, WaitingForATurnEndsByCancellationAndByClose) {
    auto o = w.options();
    o.max_rate = 0.001;
    client c = make(o);
    ASSERT_TRUE(call(io, c, get(w.url())));
    std::optional<result<response>> cancelled;
    asio::cancellation_signal stop;
    asio::co_spawn(
        io, [&]() -> awaitable<void> { cancelled.emplace(co_await c.try_send(get(w.url()).within(1h))); },
        asio::bind_cancellation_slot(stop.slot(), asio::detached));
    settle(io);
    EXPECT_FALSE(cancelled);
    stop.emit(asio::cancellation_type::terminal);
    run_out(io);
    EXPECT_TRUE(cancelled && !*cancelled && cancelled->error().is(errc::cancelled));
    std::optional<result<response>> closed;
    start(c, closed);
    settle(io);
    EXPECT_FALSE(closed);
    c.close();
    run_out(io);
    EXPECT_TRUE(closed && !*closed && closed->error().is(errc::closed));
    EXPECT_EQ(w.emulated.count().app_requests, 1U);
}

TEST_F(Limits, OutOfTheirRangeAreRefused) {
    for (const auto change :
         {+[](client_options& o) { o.max_in_flight = 0; }, +[](client_options& o) { o.max_rate = -1; },
          +[](client_options& o) { o.max_rate = 1e-4; }, +[](client_options& o) { o.max_burst = 0.5; }}) {
        auto o = w.options();
        change(o);
        EXPECT_THROW(make(o), error);
    }
}

}  // namespace
}  // namespace dbxapps::test
