// Threads that share one client and one cache. Run under ThreadSanitizer, too.
#include <support/workspace.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <thread>

namespace dbxapps::test {
namespace {

struct shared_tally {
    std::atomic<int> ok{0}, bad{0};
    int ended() const { return ok + bad; }
    std::mutex mutex;
    std::string first;
    void add(const result<response>& r) {
        if (r && r->status() == 200) {
            ++ok;
            return;
        }
        ++bad;
        std::lock_guard lock(mutex);
        if (first.empty()) first = r ? "status " + std::to_string(r->status()) : r.error().detail;
    }
};

awaitable<void> calling(client c, std::string url, int each, shared_tally& t) {
    for (int i = 0; i < each; ++i) {
        auto r = co_await c.try_send(get(url));
        t.add(r);
    }
}

void run_on(asio::io_context& io, int threads) {
    std::vector<std::thread> all;
    for (int i = 0; i < threads; ++i)
        all.emplace_back([&] { io.run_for(120s); });
    for (auto& t : all)
        t.join();
}

TEST(SharedClient, FourThreadsOfOneIoContextMakeManyCalls) {
    workspace w;
    asio::io_context io;
    client c(io.get_executor(), w.cache(io.get_executor()), w.options());
    shared_tally t;
    for (int i = 0; i < 64; ++i) {
        asio::co_spawn(asio::make_strand(io), calling(c, w.url("/api/hello", "app" + std::to_string(i % 4)), 50, t),
                       asio::detached);
    }
    run_on(io, 4);
    EXPECT_EQ(t.ok, 3200) << t.first;
    EXPECT_EQ(w.emulated.count().token_requests, 1u);
    EXPECT_EQ(c.counters().in_flight, 0u);
}

TEST(SharedClient, CoroutinesNeedNoStrandOfTheirOwn) {
    workspace w;
    asio::io_context io;
    client_options options = w.options();
    options.max_connections = 8;  // so that most calls wait for one; max_dials is larger and counts for nothing
    client c(io.get_executor(), w.cache(io.get_executor()), options);
    shared_tally t;
    for (int i = 0; i < 64; ++i)
        asio::co_spawn(io, calling(c, w.url(), 40, t), asio::detached);
    run_on(io, 4);
    EXPECT_EQ(t.ok, 2560) << t.first;
    EXPECT_LE(c.counters().connections, 8u);
}

TEST(SharedClient, LargeBodiesGoOutFromFourThreadsAlsoWhenTheirTimeIsUp) {
    workspace w;
    asio::io_context io;
    client c(io.get_executor(), w.cache(io.get_executor()), w.options());
    const std::string body(2 << 20, 'x');
    std::atomic<int> echoed{0}, ended{0};
    for (int i = 0; i < 8; ++i) {
        asio::co_spawn(
            io,
            [&, i]() -> awaitable<void> {
                for (int n = 0; n < 8; ++n) {
                    auto asked = post(w.url("/api/echo"), body, "text/plain");
                    if ((n + i) % 2 == 0) asked.within(5ms);
                    const auto r = co_await c.try_send(std::move(asked));
                    if (r && r->body() == body) ++echoed;
                    ++ended;
                }
            },
            asio::detached);
    }
    run_on(io, 4);
    EXPECT_EQ(ended, 64);
    EXPECT_GE(echoed, 32);
    EXPECT_EQ(c.counters().in_flight, 0u);
}

TEST(SharedClient, TokensAreRevokedAndConnectionsResetUnderLoad) {
    workspace w;
    asio::io_context io;
    client c(io.get_executor(), w.cache(io.get_executor()), w.options());
    shared_tally t;
    std::atomic<int> running{32};
    for (int i = 0; i < 32; ++i) {
        asio::co_spawn(
            io,
            [&]() -> awaitable<void> {
                co_await calling(c, w.url(), 60, t);
                --running;
            },
            asio::detached);
    }
    std::thread trouble([&] {
        bool revoked = false;
        // Each reset leaves time for some calls to end in between.
        for (int next = 50; running > 0; std::this_thread::yield()) {
            if (t.ended() < next) continue;
            if (!std::exchange(revoked, true)) w.emulated.revoke_tokens();
            w.emulated.drop_connections();
            next = t.ended() + 50;
        }
    });
    run_on(io, 4);
    trouble.join();
    EXPECT_EQ(t.ended(), 1920);
    EXPECT_GT(t.ok, 0) << t.first;
    EXPECT_GT(c.counters().resends + static_cast<std::uint64_t>(t.bad), 0u);
    EXPECT_GT(c.counters().replays, 0u);
    EXPECT_EQ(w.emulated.count().token_requests, 2u);
    EXPECT_EQ(c.counters().in_flight, 0u);
}

TEST(SharedClient, DeadlinesFireWhileOtherThreadsUseThePool) {
    workspace w;
    asio::io_context io;
    client c(io.get_executor(), w.cache(io.get_executor()), w.options());
    emulator_fault slow;
    slow.what = emulator_fault::kind::delay;
    slow.delay = 500ms;
    slow.times = 200;
    w.emulated.inject(emulator_place::apps, slow);
    shared_tally t;
    std::atomic<int> late{0};
    for (int i = 0; i < 32; ++i) {
        asio::co_spawn(
            io,
            [&]() -> awaitable<void> {
                for (int k = 0; k < 30; ++k) {
                    auto r = co_await c.try_send(get(w.url()).within(30ms));
                    if (!r && r.error().is(errc::timed_out)) ++late;
                    t.add(r);
                }
            },
            asio::detached);
    }
    run_on(io, 4);
    EXPECT_EQ(t.ended(), 960);
    EXPECT_GT(late, 0);
    EXPECT_EQ(c.counters().in_flight, 0u);
}

TEST(SharedClient, CloseFromAnotherThreadEndsEverything) {
    int ended_by_close = 0;
    for (int round = 0; round < 10; ++round) {
        workspace w;
        asio::io_context io;
        client c(io.get_executor(), w.cache(io.get_executor()), w.options());
        shared_tally t;
        for (int i = 0; i < 32; ++i)
            asio::co_spawn(io, calling(c, w.url(), 20, t), asio::detached);
        std::thread closer([&] {
            while (t.ended() < 50)
                std::this_thread::yield();
            c.close();
        });
        run_on(io, 3);
        closer.join();
        EXPECT_EQ(t.ended(), 640) << t.first;
        EXPECT_EQ(c.counters().in_flight, 0u);
        ended_by_close += t.bad;
    }
    EXPECT_GT(ended_by_close, 0);
}

// Strands of a context that is being destroyed destroy what they are given on the spot.
TEST(SharedClient, AContextFullOfStrandsIsDestroyedInTheMiddleOfEverything) {
    workspace w;
    asio::io_context home;
    auto work = asio::make_work_guard(home);
    auto cache = w.cache(home.get_executor());
    std::thread keeper([&] { home.run_for(120s); });
    shared_tally t;
    for (int round = 0; round < 20; ++round) {
        auto io = std::make_unique<asio::io_context>();
        client_options options = w.options();
        options.max_connections = 2;
        client c(io->get_executor(), cache, options);
        const int before = t.ok;
        for (int i = 0; i < 40; ++i) {
            asio::co_spawn(asio::make_strand(*io), calling(c, w.url(), 20, t), asio::detached);
        }
        std::vector<std::thread> threads;
        for (int i = 0; i < 3; ++i)
            threads.emplace_back([&] { io->run_for(120s); });
        while (t.ok + t.bad < before + 20 + round)
            std::this_thread::yield();
        io->stop();
        for (auto& thread : threads)
            thread.join();
        io.reset();
        EXPECT_EQ(c.counters().in_flight, 0u);
    }
    work.reset();
    keeper.join();
    EXPECT_EQ(t.bad, 0) << t.first;
}

TEST(SharedCache, OneIoContextPerThreadEachWithItsOwnClient) {
    workspace w;
    asio::io_context home;
    auto work = asio::make_work_guard(home);
    auto cache = w.cache(home.get_executor());
    shared_tally t;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            asio::io_context io(1);
            client c(io.get_executor(), cache, w.options());
            for (int k = 0; k < 16; ++k)
                asio::co_spawn(io, calling(c, w.url(), 50, t), asio::detached);
            io.run_for(120s);
        });
    }
    std::thread keeper([&] { home.run_for(120s); });
    for (auto& thread : threads)
        thread.join();
    work.reset();
    keeper.join();
    EXPECT_EQ(t.ok, 3200) << t.first;
    EXPECT_EQ(w.emulated.count().token_requests, 1u);
}

TEST(SharedCache, ContextsComeAndGoWhileOthersWaitInIt) {
    emulator_options slow;
    slow.token_delay = 20ms;
    workspace w(slow);
    asio::io_context home;
    auto work = asio::make_work_guard(home);
    hand_clock hand;
    token_options options;
    options.clock = hand.function();
    auto cache = w.cache(home.get_executor(), options);
    std::thread keeper([&] { home.run_for(120s); });
    shared_tally t;
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
        threads.emplace_back([&, i] {
            for (int round = 0; round < 25; ++round) {
                asio::io_context io(1);
                client c(io.get_executor(), cache, w.options());
                for (int k = 0; k < 20; ++k)
                    asio::co_spawn(io, calling(c, w.url(), 1, t), asio::detached);
                io.run_for(i == 0 ? 120s : std::chrono::milliseconds(round % 5));  // most are destroyed while waiting
                if (i == 1) hand.advance(2h);
            }
        });
    }
    for (auto& thread : threads)
        thread.join();
    work.reset();
    cache->close();
    keeper.join();
    EXPECT_GE(t.ok, 400) << t.first;
    EXPECT_EQ(t.bad, 0) << t.first;
}

TEST(SharedCache, CallsFromAThreadPoolGoToAClientOfAnIoContext) {
    workspace w;
    asio::io_context io;
    auto work = asio::make_work_guard(io);
    client c(io.get_executor(), w.cache(io.get_executor()), w.options());
    std::thread runner([&] { io.run_for(120s); });
    shared_tally t;
    {
        asio::thread_pool pool(3);
        for (int i = 0; i < 30; ++i)
            asio::co_spawn(pool, calling(c, w.url(), 20, t), asio::detached);
        pool.join();
    }
    {
        asio::thread_pool hasty(2);
        for (int i = 0; i < 30; ++i)
            asio::co_spawn(hasty, calling(c, w.url(), 20, t), asio::detached);
        while (t.ended() < 650)
            std::this_thread::yield();
        hasty.stop();  // destroyed with calls in flight
    }
    work.reset();
    runner.join();
    EXPECT_GE(t.ok, 650) << t.first;
    EXPECT_EQ(t.bad, 0) << t.first;
}

TEST(SharedCache, IsAskedRejectedAndClosedFromEverywhere) {
    workspace w;
    asio::io_context io;
    auto work = asio::make_work_guard(io);
    auto cache = w.cache(io.get_executor());
    std::thread runner([&] { io.run_for(120s); });
    std::vector<std::thread> threads;
    std::atomic<int> served{0};
    for (int i = 0; i < 3; ++i) {
        threads.emplace_back([&] {
            for (int k = 0; k < 300; ++k) {
                if (auto token = cache->try_get(cache->now())) {
                    ++served;
                    if (k % 50 == 0) cache->reject(*token);
                } else {
                    asio::io_context own;
                    asio::co_spawn(
                        own,
                        [&]() -> awaitable<void> {
                            auto r = co_await cache->get(clock::now() + 30s);
                            EXPECT_TRUE(r) << r.error().detail;
                        },
                        asio::detached);
                    own.run_for(60s);
                }
            }
        });
    }
    for (auto& thread : threads)
        thread.join();
    cache->close();
    work.reset();
    runner.join();
    EXPECT_GT(served, 0);
    EXPECT_LE(w.emulated.count().token_requests, 2u);
}

}  // namespace
}  // namespace dbxapps::test
