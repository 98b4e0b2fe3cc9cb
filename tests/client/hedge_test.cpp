// A second copy of a request that takes longer than most did.
#include <support/workspace.hpp>

namespace dbxapps::test {
namespace {

struct Hedge : testing::Test {
    // Slow calls before the one that matters must not use up what it needs.
    client make(double max_extra = 1) {
        auto o = w.options();
        o.hedge.on = true;
        o.hedge.max_extra = max_extra;
        o.hedge.min_calls = 64;  // the quantile is looked up every so many calls
        return {io.get_executor(), w.cache(io.get_executor()), o};
    }
    void warm_up(const client& c) {
        tally t;
        start_calls(io, c, w.url(), 1, 200, t);
        run_out(io);
        ASSERT_EQ(t.bad, 0) << t.first();
    }

    workspace w;
    asio::io_context io;
};

TEST_F(Hedge, TheSecondCopyAnswersWhenTheFirstIsStuck) {
    const client c = make();
    warm_up(c);
    w.emulated.inject(emulator_place::apps, stall(1));
    const auto hedges = c.counters().hedges;
    const auto r = call(io, c, get(w.url()));
    ASSERT_TRUE(r) << r.error().detail;
    EXPECT_EQ(r->status(), 200);
    EXPECT_EQ(c.counters().hedges, hedges + 1);
    EXPECT_EQ(c.counters().in_flight, 0u);
    EXPECT_TRUE(call(io, c, get(w.url())));
}

TEST_F(Hedge, CopiesStayWithinTheirBudget) {
    const client c = make(0.05);
    tally t;
    start_calls(io, c, w.url(), 4, 500, t);
    run_out(io);
    EXPECT_EQ(t.bad, 0) << t.first();
    EXPECT_LE(c.counters().hedges, 2000 / 20);
    EXPECT_LE(w.emulated.count().app_requests, 2000u + 2000 / 20);
}

TEST_F(Hedge, WhatMayNotBeRepeatedGoesOnce) {
    const client c = make();
    warm_up(c);
    const auto hedges = c.counters().hedges;
    w.emulated.inject(emulator_place::apps, stall(1));
    const auto r = call(io, c, post(w.url("/api/echo"), "x").within(100ms));
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::timed_out)) << r.error().detail;
    EXPECT_EQ(c.counters().hedges, hedges);
}

TEST_F(Hedge, WhenBothAreStuckTheDeadlineEndsThem) {
    const client c = make();
    warm_up(c);
    w.emulated.inject(emulator_place::apps, stall(2));
    const auto r = call(io, c, get(w.url()).within(200ms));
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::timed_out)) << r.error().detail;
}

TEST_F(Hedge, ClosingEndsBoth) {
    const client c = make();
    warm_up(c);
    w.emulated.inject(emulator_place::apps, stall(2));
    std::optional<result<response>> r;
    const auto hedges = c.counters().hedges;
    asio::co_spawn(
        io, [&]() -> awaitable<void> { r = co_await c.try_send(get(w.url())); }, asio::detached);
    ASSERT_TRUE(eventually(io, [&] { return c.counters().hedges > hedges; }));
    client(c).close();
    run_out(io);
    ASSERT_TRUE(r && !*r);
    EXPECT_TRUE(r->error().is(errc::closed)) << r->error().detail;
}

TEST_F(Hedge, TheContextMayGoWhileBothAreUnderWay) {
    auto other = std::make_unique<asio::io_context>();
    auto o = w.options();
    o.hedge.on = true;
    o.hedge.max_extra = 1;
    o.hedge.min_calls = 64;
    const client c(other->get_executor(), w.cache(other->get_executor()), o);
    tally t;
    start_calls(*other, c, w.url(), 1, 200, t);
    run_out(*other);
    w.emulated.inject(emulator_place::apps, stall(2));
    start_calls(*other, c, w.url(), 1, 1, t);
    const auto hedges = c.counters().hedges;
    ASSERT_TRUE(eventually(*other, [&] { return c.counters().hedges > hedges; }));
    other.reset();
    EXPECT_EQ(c.counters().in_flight, 0u);
}

}  // namespace
}  // namespace dbxapps::test
