// Many calls, one token: counted by the emulator, not by us.
#include <support/workspace.hpp>

namespace dbxapps::test {

TEST(OneToken, TenThousandCallsOnAColdCacheCauseOneTokenRequest) {
    workspace w;
    asio::io_context io;
    client c(io.get_executor(), w.cache(io.get_executor()), w.options());
    tally t;
    start_calls(io, c, w.url(), 10'000, 1, t);
    run_out(io);
    EXPECT_EQ(t.ok, 10'000) << t.first();
    EXPECT_EQ(w.emulated.count().token_requests, 1u);
    EXPECT_EQ(w.emulated.count().calls, 10'000u);
}

TEST(OneToken, ThreeRefreshesFallingDueUnderTenThousandCallsCauseThreeMore) {
    workspace w;
    asio::io_context io;
    hand_clock hand;
    token_options options;
    options.clock = hand.function();
    auto cache = w.cache(io.get_executor(), options);
    client c(io.get_executor(), cache, w.options());
    tally t;
    int made = 0;
    for (int worker = 0; worker < 100; ++worker) {
        asio::co_spawn(
            io,
            [&]() -> awaitable<void> {
                for (int i = 0; i < 100; ++i) {
                    // An hour of life, a refresh due 18 to 22 minutes before its end: 45 minutes later it is.
                    if (const int n = ++made; n == 2'500 || n == 5'000 || n == 7'500) hand.advance(45min);
                    auto r = co_await c.try_send(get(w.url()));
                    t.add(r);
                }
            },
            asio::detached);
    }
    run_out(io);
    EXPECT_EQ(t.ok, 10'000) << t.first();
    EXPECT_EQ(w.emulated.count().token_requests, 1u + 3u);
    EXPECT_EQ(cache->counters().fetches, 4u);
}

TEST(OneToken, AStormOfRefusalsCausesOneRefreshAndNoFailedCall) {
    workspace w;
    asio::io_context io;
    client c(io.get_executor(), w.cache(io.get_executor()), w.options(256));
    tally warm;
    start_calls(io, c, w.url(), 256, 1, warm);
    run_out(io);
    ASSERT_EQ(warm.ok, 256) << warm.first();

    // Nobody but the front door knows yet that the token is no good. It holds all 256 before it looks at them, so that
    // the last is sent before the first is refused.
    w.emulated.revoke_tokens();
    emulator_fault hold;
    hold.what = emulator_fault::kind::delay;
    hold.delay = 2s;
    hold.times = 256;
    w.emulated.inject(emulator_place::apps, hold);
    tally storm;
    start_calls(io, c, w.url(), 256, 1, storm);
    ASSERT_TRUE(eventually(io, [&] { return c.counters().in_flight == 256; }));
    ASSERT_EQ(w.emulated.count().refused, 0u);
    run_out(io);
    EXPECT_EQ(storm.ok, 256) << storm.first();
    EXPECT_EQ(w.emulated.count().refused, 256u);
    EXPECT_EQ(w.emulated.count().token_requests, 2u);
    EXPECT_EQ(c.counters().replays, 256u);
}

TEST(OneToken, APostThatTheFrontDoorRefusedIsReplayedWithItsBody) {
    workspace w;
    asio::io_context io;
    client c(io.get_executor(), w.cache(io.get_executor()), w.options());
    ASSERT_TRUE(call(io, c, get(w.url())));
    w.emulated.revoke_tokens();
    auto r = call(io, c, post(w.url("/api/echo"), R"({"n":1})"));
    ASSERT_TRUE(r) << r.error().detail;
    EXPECT_EQ(r->body(), R"({"n":1})");
    EXPECT_EQ(w.emulated.count().token_requests, 2u);
}

TEST(OneToken, AnAppsOwn401IsAnAnswerAndCostsNoToken) {
    workspace w;
    asio::io_context io;
    client c(io.get_executor(), w.cache(io.get_executor()), w.options());
    auto r = call(io, c, get(w.url("/api/status/401")));
    ASSERT_TRUE(r) << r.error().detail;
    EXPECT_EQ(r->status(), 401);
    EXPECT_EQ(w.emulated.count().token_requests, 1u);
    EXPECT_EQ(c.counters().replays, 0u);
}

TEST(OneToken, ATokenThatIsRefusedAgainEndsAsNotSignedInAfterOneReplay) {
    workspace w;
    asio::io_context io;
    client c(io.get_executor(), w.cache(io.get_executor()), w.options());
    emulator_fault refuse;
    refuse.what = emulator_fault::kind::answer;
    refuse.status = 401;
    refuse.times = 1'000'000;
    w.emulated.inject(emulator_place::apps, refuse);
    for (int i = 0; i < 3; ++i) {
        auto r = call(io, c, get(w.url()));
        ASSERT_FALSE(r);
        EXPECT_TRUE(r.error().is(errc::not_signed_in)) << r.error().detail;
        EXPECT_EQ(r.error().status, 401);
        EXPECT_NE(r.error().detail.find("CAN USE"), std::string::npos) << r.error().detail;
    }
    // The first refusal forces a fetch; those of the next 30 s do not.
    EXPECT_EQ(w.emulated.count().token_requests, 2u);
}

// As a databricks CLI that keeps its token: whoever asks gets the same one.
class keeping_source final : public token_source {
public:
    explicit keeping_source(std::unique_ptr<token_source> from) : from_(std::move(from)) {}
    awaitable<result<token>> fetch(transport& via, time_point deadline) override {
        if (!kept_) {
            auto r = co_await from_->fetch(via, deadline);
            if (!r) co_return std::move(r).error();
            kept_ = std::move(*r);
        }
        co_return *kept_;
    }

private:
    std::unique_ptr<token_source> from_;
    std::optional<token> kept_;
};

TEST(OneToken, OfASourceThatHasNoOtherServesOtherCallsAfterOneWasRefused) {
    workspace w;
    asio::io_context io;
    token_options options;
    options.network = w.emulated.network();
    const auto cache = make_token_cache(io.get_executor(), std::make_unique<keeping_source>(w.login()), options);
    client c(io.get_executor(), cache, w.options());
    ASSERT_TRUE(call(io, c, get(w.url())));
    emulator_fault refuse;
    refuse.what = emulator_fault::kind::answer;
    refuse.status = 401;
    refuse.times = 2;
    w.emulated.inject(emulator_place::apps, refuse);
    const auto refused = call(io, c, get(w.url()));
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().is(errc::not_signed_in)) << refused.error().detail;
    EXPECT_NE(refused.error().detail.find("asked again"), std::string::npos) << refused.error().detail;
    for (int i = 0; i < 3; ++i) {
        const auto r = call(io, c, get(w.url()));
        ASSERT_TRUE(r) << r.error().detail;
    }
    EXPECT_EQ(cache->counters().fetches, 2u);
}

TEST(OneToken, ARedirectToTheLoginIsNotFollowedAndMeansTheSame) {
    workspace w;
    asio::io_context io;
    client c(io.get_executor(), make_token_cache(io.get_executor(), fixed_token("dapi0123456789")), w.options());
    auto r = call(io, c, get(w.url("/index.html")));
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::not_signed_in)) << r.error().detail;
    EXPECT_NE(r.error().detail.find("personal access token"), std::string::npos) << r.error().detail;
    EXPECT_EQ(r.error().detail.find("dapi"), std::string::npos);
}

TEST(OneToken, ARequestMayCarryAnotherToken) {
    workspace w;
    asio::io_context io;
    client c(io.get_executor(), make_token_cache(io.get_executor(), fixed_token("not-a-good-token")), w.options());
    auto mine = w.cache(io.get_executor());
    auto r = call(io, c, get(w.url()).as(mine));
    ASSERT_TRUE(r) << r.error().detail;
    EXPECT_EQ(r->status(), 200);
}

}  // namespace dbxapps::test
