// What shows of calls from outside: metrics per origin, events, traces.
#include <support/workspace.hpp>

#include <dbxapps/observation.hpp>

namespace dbxapps::test {
namespace {

struct Observation : testing::Test {
    client_options watched() {
        auto o = w.options();
        o.traceparent = true;
        o.on_attempt = [this](const attempt_event& e) {
            steps.push_back(e.step);
            lines.push_back(log_line(e));
            traces.push_back(e.trace);
            codes.push_back(e.code);
        };
        return o;
    }
    client make(client_options o) { return {io.get_executor(), w.cache(io.get_executor()), std::move(o)}; }
    emulator_fault busy() {
        emulator_fault f;
        f.what = emulator_fault::kind::answer;
        f.status = 503;
        return f;
    }

    workspace w;
    asio::io_context io;
    std::vector<attempt_step> steps;
    std::vector<std::string> lines;
    std::vector<trace_context> traces;
    std::vector<std::optional<errc>> codes;
};

using step = attempt_step;

TEST_F(Observation, EachOriginHasMetricsOfItsOwn) {
    const client c = make(w.options());
    w.emulated.inject(emulator_place::apps, busy());
    for (const char* path : {"/api/hello", "/api/status/404", "/api/hello"})
        ASSERT_TRUE(call(io, c, get(w.url(path))));
    ASSERT_TRUE(call(io, c, get(w.url("/api/hello", "billing"))));
    ASSERT_FALSE(call(io, c, get("https://evil.example/")));
    auto all = c.metrics();
    ASSERT_EQ(all.size(), 2u);
    if (all[0].origin.find("billing") != std::string::npos) std::swap(all[0], all[1]);
    const auto& m = all[0];
    EXPECT_EQ(m.origin + "/api/hello", w.url());
    EXPECT_EQ(m.calls, 3u);
    EXPECT_EQ(m.failures, 0u);
    EXPECT_EQ(m.attempts, 4u);
    EXPECT_EQ(m.retries, 1u);
    EXPECT_EQ(m.responses[2], 2u);
    EXPECT_EQ(m.responses[4], 1u);
    EXPECT_EQ(m.in_flight, 0u);
    EXPECT_EQ(m.connections, 1u);
    EXPECT_EQ(m.idle_connections, 1u);
    EXPECT_EQ(m.circuit, circuit_state::closed);
    EXPECT_EQ(m.latency.count(), 3u);
    EXPECT_GT(m.latency.quantile(0.5), 0ns);
    EXPECT_EQ(all[1].calls, 1u);
    EXPECT_NE(open_metrics(all).find("dbxapps_"), std::string::npos);
}

TEST_F(Observation, AFailureIsCountedByItsCodeAndAnOpenCircuitShows) {
    auto o = w.options();
    o.retry.max_retries = 0;
    o.circuit.failures = 2;
    o.circuit.over = 0s;
    const client c = make(o);
    w.emulated.refuse(emulator_place::apps);
    for (int i = 0; i < 3; ++i)
        ASSERT_FALSE(call(io, c, get(w.url())));
    const auto m = c.metrics().at(0);
    EXPECT_EQ(m.failures, 3u);
    EXPECT_EQ(m.failed_as(errc::connect_failed), 2u);
    EXPECT_EQ(m.failed_as(errc::circuit_open), 1u);
    EXPECT_NE(m.circuit, circuit_state::closed);
}

TEST_F(Observation, TheHookSeesEachAttemptAndTheEnd) {
    const client c = make(watched());
    w.emulated.inject(emulator_place::apps, busy());
    ASSERT_TRUE(call(io, c, get(w.url("/api/hello?key=private"))));
    EXPECT_EQ(steps, (std::vector<step>{step::started, step::answered, step::will_repeat, step::started, step::answered,
                                        step::finished}));
    for (const auto& line : lines) {
        EXPECT_EQ(line.find("private"), std::string::npos) << line;
        EXPECT_EQ(line.find("Bearer"), std::string::npos) << line;
        EXPECT_NE(line.find("path=/api/hello"), std::string::npos) << line;
    }
    EXPECT_NE(lines[2].find("retry"), std::string::npos) << lines[2];
    EXPECT_EQ(codes[1], errc::app_stopped) << lines[1];
    EXPECT_EQ(codes[4], std::nullopt) << lines[4];
}

TEST_F(Observation, EachAttemptIsASpanOfTheCallsTrace) {
    const client c = make(watched());
    w.emulated.inject(emulator_place::apps, busy());
    const auto r = call(io, c, get(w.url("/api/echo")));
    ASSERT_TRUE(r);
    EXPECT_EQ(traces[0].trace_id, traces[3].trace_id);
    EXPECT_NE(traces[0].span_id, traces[3].span_id);
    EXPECT_NE(r->body().find("\"traceparent\":\"" + to_traceparent(traces[3]) + "\""), std::string::npos) << r->body();
}

TEST_F(Observation, ATraceparentOfTheCallersOwnIsSentAsItIs) {
    const std::string own = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const auto r = call(io, make(watched()), get(w.url("/api/echo")).with("Traceparent", own));
    ASSERT_TRUE(r);
    EXPECT_NE(r->body().find("\"traceparent\":\"" + own + "\""), std::string::npos) << r->body();
    EXPECT_EQ(to_traceparent(traces.at(0)), own);
}

TEST_F(Observation, WithoutTheOptionNoTraceparentIsSent) {
    const auto r = call(io, make(w.options()), get(w.url("/api/echo")));
    ASSERT_TRUE(r);
    EXPECT_EQ(r->body().find("traceparent"), std::string::npos);
}

TEST_F(Observation, AHookThatThrowsFailsNoCall) {
    auto o = w.options();
    o.on_attempt = [](const attempt_event&) { throw std::runtime_error("the log is full"); };
    EXPECT_TRUE(call(io, make(o), get(w.url())));
}

TEST_F(Observation, ARequestThatIsNeverSentIsFinishedAtOnce) {
    ASSERT_FALSE(call(io, make(watched()), get("https://databricksapps.com.evil.example/x?key=private")));
    EXPECT_EQ(steps, std::vector<step>{step::finished});
    EXPECT_EQ(codes[0], errc::host_not_allowed);
}

TEST_F(Observation, ACallFromAnotherContextIsSeenOnce) {
    const client c = make(watched());
    asio::io_context home;
    std::optional<result<response>> r;
    asio::co_spawn(
        home, [&]() -> awaitable<void> { r = co_await c.try_send(get(w.url())); }, asio::detached);
    ASSERT_TRUE(eventually({&home, &io}, [&] { return r.has_value(); }));
    EXPECT_EQ(steps, (std::vector<step>{step::started, step::answered, step::finished}));
    EXPECT_EQ(c.metrics().at(0).calls, 1u);
}

TEST_F(Observation, AUrlWithoutASchemeShowsNothingOfItself) {
    for (const char* url : {"/api/x?token=private", "app.example.com/p?key=private", "/go?to=https://x/y&key=private",
                            "https://user:private@example.com/x"}) {
        ASSERT_FALSE(call(io, make(watched()), get(url)));
        EXPECT_EQ(lines.back().find("private"), std::string::npos) << lines.back();
    }
}

}  // namespace
}  // namespace dbxapps::test
