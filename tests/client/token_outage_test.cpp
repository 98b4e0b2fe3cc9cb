// What callers notice of a token endpoint that fails: nothing while the old token lives, a clear error after that.
#include <support/workspace.hpp>

namespace dbxapps::test {
namespace {

struct outage : testing::Test {
    workspace w;
    asio::io_context io;
    hand_clock hand;
    std::shared_ptr<token_cache> cache;
    client c;

    void SetUp() override {
        token_options options;
        options.clock = hand.function();
        options.retry_within = 0s;  // what happens inside a flight is another test's matter
        cache = w.cache(io.get_executor(), options);
        c = client(io.get_executor(), cache, w.options());
        ASSERT_TRUE(call(io, c, get(w.url())));
    }
    emulator_fault answer(int status, std::string body, std::string type = "application/json") {
        emulator_fault f;
        f.what = emulator_fault::kind::answer;
        f.status = status;
        f.body = std::move(body);
        f.content_type = std::move(type);
        return f;
    }
};

TEST_F(outage, ThatIsShorterThanTheTokensLifeIsNeverNoticed) {
    auto down = answer(503, "upstream is away", "text/plain");
    down.times = 1'000;
    w.emulated.inject(emulator_place::token_endpoint, down);
    hand.advance(45min);
    for (int i = 0; i < 10; ++i) {
        auto r = call(io, c, get(w.url()));
        ASSERT_TRUE(r) << r.error().detail;
        hand.advance(1min);
    }
    EXPECT_GE(cache->counters().failures, 5u);
    w.emulated.clear_faults();
    hand.advance(2min);
    ASSERT_TRUE(call(io, c, get(w.url())));
    EXPECT_EQ(w.emulated.count().tokens_issued, 2u);
    hand.advance(30min);  // beyond the first token's life
    ASSERT_TRUE(call(io, c, get(w.url())));
    EXPECT_EQ(c.counters().failures, 0u);
}

TEST_F(outage, ThatIsLongerFailsCallsWithAClearErrorAndRecoversByItself) {
    w.emulated.refuse(emulator_place::token_endpoint);
    hand.advance(61min);
    auto r = call(io, c, get(w.url()));
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::token_unavailable)) << r.error().detail;
    EXPECT_TRUE(r.error().cause) << r.error().detail;
    EXPECT_NE(r.error().detail.find("emulated.cloud.databricks.com"), std::string::npos) << r.error().detail;
    EXPECT_NE(r.error().detail.find("refused"), std::string::npos) << r.error().detail;
    EXPECT_NE(r.error().detail.find("check"), std::string::npos) << r.error().detail;

    w.emulated.accept_again(emulator_place::token_endpoint);
    // A failed fetch is remembered for a second of the cache's clock, failed dials for up to one of the real clock.
    const auto until = clock::now() + 20s;
    while (!r && clock::now() < until) {
        hand.advance(2s);
        r = call(io, c, get(w.url()));
    }
    ASSERT_TRUE(r) << r.error().detail;
    EXPECT_EQ(w.emulated.count().tokens_issued, 2u);
}

TEST_F(outage, OfAnEndpointThatAnswersNonsenseNamesTheNonsense) {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"<html>hello</html>", "not JSON"},
        {R"([1,2])", "not a JSON object"},
        {R"({"token_type":"Bearer"})", "no access_token"},
        {R"({"access_token":"x","expires_in":-5})", "negative"},
        {R"({"access_token":"x","expires_in":1e300})", "ten years"},
        {R"({"access_token":"x","expires_in":"soon"})", "not a number"},
        {R"({"access_token":"a\r\nb"})", "characters that no token has"},
    };
    for (const auto& [body, words] : cases) {
        hand.advance(2h);
        w.emulated.inject(emulator_place::token_endpoint, answer(200, body));
        auto r = call(io, c, get(w.url()));
        ASSERT_FALSE(r) << body;
        EXPECT_TRUE(r.error().is(errc::token_unavailable)) << r.error().detail;
        EXPECT_EQ(r.error().cause, make_error_code(errc::bad_response)) << r.error().detail;
        EXPECT_NE(r.error().detail.find(words), std::string::npos) << r.error().detail;
        EXPECT_NE(r.error().detail.find("/oidc/v1/token"), std::string::npos) << r.error().detail;
        hand.advance(2s);
        EXPECT_TRUE(call(io, c, get(w.url())));
    }
}

TEST_F(outage, ThatIsARefusalForGoodStaysAMinuteAndIsProbedOnceAfterIt) {
    hand.advance(2h);
    auto no = answer(401, R"({"error":"invalid_client","error_description":"Client authentication failed"})");
    no.times = 100;
    w.emulated.inject(emulator_place::token_endpoint, no);
    const auto before = w.emulated.count().token_requests;
    for (int i = 0; i < 5; ++i) {
        auto r = call(io, c, get(w.url()));
        ASSERT_FALSE(r);
        EXPECT_TRUE(r.error().is(errc::token_refused)) << r.error().detail;
        EXPECT_EQ(r.error().status, 401);
        EXPECT_NE(r.error().detail.find("invalid_client"), std::string::npos) << r.error().detail;
        EXPECT_NE(r.error().detail.find("client id and secret"), std::string::npos) << r.error().detail;
        hand.advance(10s);
    }
    EXPECT_EQ(w.emulated.count().token_requests, before + 1);
    w.emulated.clear_faults();
    hand.advance(20s);
    EXPECT_TRUE(call(io, c, get(w.url())));
    EXPECT_EQ(w.emulated.count().token_requests, before + 2);
}

TEST(TokenFlight, ATransientFaultIsTriedAgainInsideTheFlightAndNobodyNotices) {
    workspace w;
    asio::io_context io;
    emulator_fault busy;
    busy.what = emulator_fault::kind::answer;
    busy.status = 503;
    w.emulated.inject(emulator_place::token_endpoint, busy);
    auto cache = w.cache(io.get_executor());
    client c(io.get_executor(), cache, w.options());
    tally t;
    start_calls(io, c, w.url(), 100, 1, t);
    run_out(io);
    EXPECT_EQ(t.ok, 100) << t.first();
    EXPECT_EQ(w.emulated.count().token_requests, 2u);
    EXPECT_EQ(cache->counters().failures, 1u);
}

TEST(TokenFlight, RetryAfterIsWaitedForAndACallWithLessTimeFailsAtOnceWithTheReason) {
    workspace w;
    asio::io_context io;
    emulator_fault busy;
    busy.what = emulator_fault::kind::answer;
    busy.status = 429;
    busy.headers = "Retry-After: 3600\r\n";
    w.emulated.inject(emulator_place::token_endpoint, busy);
    client c(io.get_executor(), w.cache(io.get_executor()), w.options());
    const auto r = call(io, c, get(w.url()).within(30s));
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::token_unavailable)) << r.error().detail;
    EXPECT_EQ(r.error().status, 429);
    EXPECT_EQ(r.error().retry_after, duration(1h));
}

// A call that gets no token in time says what it waited for.
TEST(TokenFlight, ThatDoesNotEndInTimeSaysWhoHasNotAnswered) {
    workspace w;
    w.emulated.inject(emulator_place::token_endpoint, stall(1));
    asio::io_context io;
    const auto cache = w.cache(io.get_executor());
    client c(io.get_executor(), cache, w.options());
    std::optional<result<response>> slow;
    asio::co_spawn(
        io,
        [&]() -> awaitable<void> {
            slow = co_await c.try_send(get(w.url()).within(50ms));
            cache->close();
        },
        asio::detached);
    run_out(io);
    ASSERT_TRUE(slow && !*slow);
    EXPECT_TRUE(slow->error().is(errc::timed_out));
    EXPECT_NE(slow->error().detail.find("emulated.cloud.databricks.com has not answered"), std::string::npos)
        << slow->error().detail;

    asio::io_context nobody_runs;
    client other(io.get_executor(), w.cache(nobody_runs.get_executor()), w.options());
    const auto r = call(io, other, get(w.url()).within(50ms));
    ASSERT_FALSE(r);
    EXPECT_NE(r.error().detail.find("is being run"), std::string::npos) << r.error().detail;
}

TEST(TokenFlight, BelongsToTheCacheAndOutlivesTheCallThatCausedIt) {
    emulator_options slow;
    slow.token_delay = 1s;
    workspace w(slow);
    asio::io_context io;
    client c(io.get_executor(), w.cache(io.get_executor()), w.options());
    const auto hasty = call(io, c, get(w.url()).within(50ms));
    ASSERT_FALSE(hasty);
    EXPECT_TRUE(hasty.error().is(errc::timed_out)) << hasty.error().detail;
    EXPECT_NE(hasty.error().detail.find("no token came in time"), std::string::npos) << hasty.error().detail;
    ASSERT_TRUE(call(io, c, get(w.url())));
    EXPECT_EQ(w.emulated.count().token_requests, 1u);
}

TEST(TokenFlight, DiscoveryFallsBackToTheWellKnownEndpoint) {
    emulator_options bare;
    bare.host_metadata = false;
    workspace w(bare);
    asio::io_context io;
    client c(io.get_executor(), w.cache(io.get_executor()), w.options());
    EXPECT_TRUE(call(io, c, get(w.url())));

    emulator_fault broken;
    broken.what = emulator_fault::kind::answer;
    broken.status = 500;
    broken.times = 2;
    workspace dark;
    dark.emulated.inject(emulator_place::metadata, broken);
    client d(io.get_executor(), dark.cache(io.get_executor()), dark.options());
    EXPECT_TRUE(call(io, d, get(dark.url())));

    emulator_options none;
    none.host_metadata = none.oauth_metadata = false;
    workspace unsupported(none);
    client e(io.get_executor(), unsupported.cache(io.get_executor()), unsupported.options());
    const auto r = call(io, e, get(unsupported.url()));
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::bad_config)) << r.error().detail;
    EXPECT_NE(r.error().detail.find("OAuth is not supported for this host"), std::string::npos) << r.error().detail;
}

}  // namespace
}  // namespace dbxapps::test
