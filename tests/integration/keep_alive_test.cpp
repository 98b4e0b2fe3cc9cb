// Connections that nginx ends: after a second of idleness and after 25 requests. No call may notice.
#include <integration/environment.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>

#include <random>

namespace dbxapps::integration {
namespace {

constexpr int all_calls = 100'000, workers = 64, bursts = 30;

// After each burst all connections lie idle for about as long as nginx keeps them, so that in the next one requests
// and closes meet on the wire.
awaitable<void> make_bursts(asio::io_context& io, client c, tally& t) {
    std::mt19937 random(7);
    std::uniform_int_distribution<int> around_a_second(980, 1'020);
    const std::string url = servers().url("/api/ping", front::short_lived);
    asio::steady_timer timer(io);
    for (int burst = 1; burst <= bursts; ++burst) {
        const int goal = all_calls * burst / bursts;
        int left = goal - t.ok - t.bad, running = workers;
        asio::steady_timer done(io, asio::steady_timer::time_point::max());
        for (int w = 0; w < workers; ++w) {
            asio::co_spawn(
                io,
                [&, c]() -> awaitable<void> {
                    while (left-- > 0) {
                        const auto r = co_await c.try_send(get(url));
                        t.add(r);
                    }
                    if (--running == 0) done.cancel();
                },
                asio::detached);
        }
        co_await done.async_wait(asio::as_tuple(asio::use_awaitable));
        timer.expires_after(std::chrono::milliseconds(around_a_second(random)));
        co_await timer.async_wait(asio::use_awaitable);
    }
}

TEST(KeepAlive, OfOneSecondAndFewRequestsFailsNoneOfAHundredThousandCalls) {
    asio::io_context io(1);
    const client c = real_client(io);
    tally t;
    asio::co_spawn(io, make_bursts(io, c, t), asio::detached);
    run_out(io, 250s);
    EXPECT_EQ(t.ok, all_calls);
    EXPECT_EQ(t.bad, 0) << t.first();
    // Else nothing was tested: 25 calls need a connection each, and so does what meets a close.
    const auto seen = c.counters();
    EXPECT_GT(seen.connections, all_calls / 25 + 200u) << "no pause outlived the keep-alive time";
    EXPECT_GT(seen.resends, 0u) << "no request met a close";
}

}  // namespace
}  // namespace dbxapps::integration
