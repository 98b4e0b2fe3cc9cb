// Who may go before whom: contexts, clients, caches and calls in every order, and what a process sees of us.
#include <support/plain_server.hpp>

#include <boost/asio/prefer.hpp>
#include <boost/asio/strand.hpp>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <thread>

namespace dbxapps::test {
namespace {

TEST(Lifetime, AnIoContextWithAThousandCallsWaitingIsDestroyedAndTheSharedCacheGoesOn) {
    workspace w;
    w.emulated.inject(emulator_place::token_endpoint, stall(1));
    asio::io_context home;
    auto cache = w.cache(home.get_executor());
    client c(home.get_executor(), cache, w.options());
    tally lost;
    {
        asio::io_context away;
        client own(away.get_executor(), cache, w.options());
        start_calls(away, own, w.url(), 500, 1, lost);  // will wait in the shared cache
        start_calls(away, c, w.url(), 500, 1, lost);    // will wait for the other context's client
        ASSERT_TRUE(eventually({&away, &home}, [&] {
            return c.counters().in_flight == 500 && own.counters().in_flight == 500 &&
                   w.emulated.count().token_requests == 1;
        }));
        settle(home);
    }
    EXPECT_EQ(lost.ok + lost.bad, 0);
    EXPECT_EQ(c.counters().in_flight, 0u);
    tally t;
    start_calls(home, c, w.url(), 100, 1, t);
    settle(home);
    // Ends the stalled fetch, which the cache then tries again.
    w.emulated.refuse(emulator_place::token_endpoint);
    w.emulated.accept_again(emulator_place::token_endpoint);
    run_out(home);
    EXPECT_EQ(t.ok, 100) << t.first();
    EXPECT_EQ(w.emulated.count().token_requests, 2u);
    EXPECT_EQ(w.emulated.count().tokens_issued, 1u);
    EXPECT_EQ(w.emulated.count().calls, 100u);
    EXPECT_EQ(c.counters().in_flight, 0u);
}

void start_posts(asio::io_context& io, client c, std::string url, int n, tally& t) {
    for (int i = 0; i < n; ++i) {
        asio::co_spawn(
            io,
            [c, url, &t]() -> awaitable<void> {
                auto r = co_await c.try_send(post(url, "{}"));
                t.add(r);
            },
            asio::detached);
    }
}

TEST(Lifetime, AnIoContextIsDestroyedWhoseCallsWaitInThePoolOfAnotherAndNoneOfThemIsSent) {
    workspace w;
    asio::io_context home;
    client c(home.get_executor(), w.cache(home.get_executor()), w.options(4));
    ASSERT_TRUE(call(home, c, get(w.url())));
    w.emulated.inject(emulator_place::apps, stall(1'000'000));
    tally hogs, lost, t;
    start_posts(home, c, w.url("/api/echo"), 4, hogs);
    ASSERT_TRUE(eventually(home, [&] { return c.counters().connections == 4; }));
    const auto before = w.emulated.count().calls;
    {
        asio::io_context away;
        start_posts(away, c, w.url("/api/echo"), 1000, lost);
        ASSERT_TRUE(eventually({&away, &home}, [&] { return c.counters().in_flight == 1004; }));
        settle(home);  // and now the thousand are in the queue
    }
    EXPECT_EQ(lost.ok + lost.bad, 0);
    EXPECT_EQ(c.counters().in_flight, 4u);
    settle(home);
    w.emulated.drop_connections();
    ASSERT_TRUE(eventually(home, [&] { return hogs.bad == 4; })) << hogs.first();
    settle(home);
    EXPECT_EQ(c.counters().connections, 4u);  // for whom should there be more?
    w.emulated.clear_faults();
    start_posts(home, c, w.url("/api/echo"), 10, t);
    run_out(home);
    EXPECT_EQ(t.ok, 10) << t.first();
    EXPECT_EQ(w.emulated.count().calls, before + 10);
    EXPECT_EQ(c.counters().in_flight, 0u);
}

TEST(Lifetime, AnIoContextWithCallsQueuedInItsPoolIsDestroyed) {
    workspace w;
    auto away = std::make_unique<asio::io_context>();
    asio::io_context home;
    auto cache = w.cache(home.get_executor());
    client c(away->get_executor(), cache, w.options(4));
    w.emulated.inject(emulator_place::apps, stall(1000));
    tally lost, t;
    start_calls(*away, c, w.url(), 1000, 1, lost);
    ASSERT_TRUE(eventually({away.get(), &home},
                           [&] { return c.counters().in_flight == 1000 && c.counters().connections == 4; }));
    settle(*away);
    away.reset();
    EXPECT_EQ(lost.ok + lost.bad, 0);
    EXPECT_EQ(c.counters().in_flight, 0u);
    w.emulated.clear_faults();
    // The client has lost its context, the cache has not.
    start_calls(home, c, w.url(), 1, 1, t);
    client d(home.get_executor(), cache, w.options());
    tally u;
    start_calls(home, d, w.url(), 10, 1, u);
    run_out(home);
    EXPECT_EQ(t.bad, 1);
    EXPECT_NE(t.first().find("io_context is gone"), std::string::npos) << t.first();
    EXPECT_EQ(u.ok, 10) << u.first();
}

TEST(Lifetime, ACacheWhoseContextIsDestroyedAnswersThoseWhoWait) {
    workspace w;
    w.emulated.inject(emulator_place::token_endpoint, stall(1));
    auto away = std::make_unique<asio::io_context>();
    asio::io_context home;
    auto cache = w.cache(away->get_executor());
    client c(home.get_executor(), cache, w.options());
    tally t;
    start_calls(home, c, w.url(), 20, 1, t);
    ASSERT_TRUE(eventually({&home, away.get()},
                           [&] { return c.counters().in_flight == 20 && w.emulated.count().token_requests == 1; }));
    settle(home);
    away.reset();
    run_out(home);
    EXPECT_EQ(t.bad, 20);
    EXPECT_NE(t.first().find("closed"), std::string::npos) << t.first();
    auto later = call(home, c, get(w.url()));
    EXPECT_TRUE(!later && later.error().is(errc::closed));
}

TEST(Lifetime, ATemporaryClientMaySendAndGo) {
    workspace w;
    asio::io_context io;
    auto cache = w.cache(io.get_executor());
    const auto make_client = [&] { return client(io.get_executor(), cache, w.options()); };
    int status = 0;
    asio::co_spawn(io, make_client().send(get(w.url())), [&](std::exception_ptr e, response r) {
        EXPECT_FALSE(e);
        status = r.status();
    });
    run_out(io);
    EXPECT_EQ(status, 200);
}

TEST(Lifetime, AClientWithNoCallInFlightLetsRunReturn) {
    workspace w;
    asio::io_context io;
    client_options options = w.options();
    options.idle_within = 1h;
    client c(io.get_executor(), w.cache(io.get_executor()), options);
    run_out(io);  // nothing yet
    ASSERT_TRUE(call(io, c, get(w.url())));
    EXPECT_EQ(c.counters().connections, 1u);
    run_out(io);
    ASSERT_TRUE(call(io, c, get(w.url())));
    EXPECT_EQ(c.counters().connections, 1u);  // and the idle connection was still there
}

TEST(Lifetime, ACacheMayGoBeforeItsContextWithAFetchInFlight) {
    workspace w;
    w.emulated.inject(emulator_place::token_endpoint, stall(1));
    asio::io_context io;
    auto cache = w.cache(io.get_executor());
    bool told = false;
    asio::co_spawn(
        io,
        [&told, cache]() -> awaitable<void> {
            auto r = co_await cache->get(clock::now() + 50ms);
            told = !r && r.error().is(errc::timed_out);
        },
        asio::detached);
    ASSERT_TRUE(eventually(io, [&] { return w.emulated.count().token_requests == 1; }));
    cache.reset();  // the coroutine holds the other one
    run_out(io);
    EXPECT_TRUE(told);
}

// A wait remembers where it resumes, and that may be gone when the stream goes.
TEST(Lifetime, AStreamMayOutliveTheContextItWasReadOn) {
    for (const bool by_strand : {true, false}) {
        auto home = std::make_unique<asio::io_context>();
        asio::io_context away;
        response_stream kept;
        bool reading = false;
        {
            const exchange_script half = {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst"};
            plain_server server(away, {{half}});
            plain_client c(*home);
            auto read = [&]() -> awaitable<void> {
                auto opened = co_await c.handle.open(get(server.url()));
                if (!opened) co_return;
                kept = std::move(*opened);
                (void)co_await kept.read_some();
                reading = true;
                (void)co_await kept.read_some();
            };
            if (by_strand) asio::co_spawn(asio::make_strand(*home), read, asio::detached);
            if (!by_strand) asio::co_spawn(away, read, asio::detached);
            ASSERT_TRUE(eventually({&away, home.get()}, [&] { return reading; }));
            settle(*home);
            home.reset();
            settle(away);
        }
        kept = {};
    }
}

TEST(Lifetime, AnExecutorThatCountsAsWorkIsNotKeptByItsClient) {
    client c;
    std::shared_ptr<token_cache> cache;
    {
        asio::io_context io;
        asio::any_io_executor ex = asio::prefer(asio::make_strand(io), asio::execution::outstanding_work.tracked);
        cache = make_token_cache(ex, fixed_token("a-token"));
        c = client(ex, cache);
        ex = {};
        run_out(io, 5s);
    }
}

TEST(Lifetime, WhenTheLastClientGoesADialForNobodyEnds) {
    asio::io_context io;
    tcp::acceptor silent(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    const std::string url = "https://127.0.0.1:" + std::to_string(silent.local_endpoint().port()) + "/";
    result<response> out = failure(errc::closed, "never ended");
    {
        client_options options;
        options.network.dial_within = 10min;
        plain_client c(io, options);
        asio::co_spawn(
            io, [&out, url, h = c.handle]() -> awaitable<void> { out = co_await h.try_send(get(url).within(20ms)); },
            asio::detached);
    }
    run_out(io);
    ASSERT_FALSE(out);
    EXPECT_TRUE(out.error().is(errc::timed_out)) << out.error().detail;
}

TEST(Lifetime, EverythingMayOutliveTheContext) {
    workspace w;
    client c;
    std::shared_ptr<token_cache> cache;
    {
        asio::io_context io;
        cache = w.cache(io.get_executor());
        c = client(io.get_executor(), cache, w.options());
        ASSERT_TRUE(call(io, c, get(w.url())));
    }
    EXPECT_EQ(c.counters().connections, 1u);
}

TEST(Process, SigpipeStaysAtItsDefaultAndNeverFiresWhilePeersClose) {
    struct sigaction now {};
    ASSERT_NE(std::signal(SIGPIPE, SIG_DFL), SIG_ERR);  // some runners leave it ignored
    workspace w;
    asio::io_context io;
    client c(io.get_executor(), w.cache(io.get_executor()), w.options());
    tally t;
    int made = 0;
    for (int worker = 0; worker < 16; ++worker) {
        asio::co_spawn(
            io,
            [&]() -> awaitable<void> {
                for (int i = 0; i < 30; ++i) {
                    if (++made % 16 == 0) w.emulated.drop_connections();
                    auto r = co_await c.try_send(post(w.url("/api/echo"), std::string(200'000, 'x')));
                    t.add(r);
                }
            },
            asio::detached);
    }
    run_out(io);
    EXPECT_EQ(t.ok + t.bad, 480);
    EXPECT_GT(c.counters().resends + c.counters().failures, 0u);  // connections did end under calls
    ASSERT_EQ(::sigaction(SIGPIPE, nullptr, &now), 0);
    EXPECT_EQ(now.sa_handler, SIG_DFL);
}

// What a child program inherits: its open descriptors by number, one a line.
std::string descriptors_of_a_child() {
    int out[2];
    if (::pipe2(out, O_CLOEXEC) != 0) return "no pipe";
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::dup2(out[1], 1);
        ::execl("/bin/ls", "ls", "/proc/self/fd", static_cast<char*>(nullptr));
        ::_exit(127);
    }
    ::close(out[1]);
    std::string text;
    char buffer[4096];
    for (ssize_t n; (n = ::read(out[0], buffer, sizeof buffer)) > 0;)
        text.append(buffer, static_cast<std::size_t>(n));
    ::close(out[0]);
    int status = 0;
    ::waitpid(pid, &status, 0);
    return text;
}

TEST(Process, AChildProgramInheritsNoDescriptorOfOurs) {
    const std::string before = descriptors_of_a_child();
    workspace w;
    asio::io_context io;
    client_options options = w.options();
    client c(io.get_executor(), w.cache(io.get_executor()), options);
    tally t;
    start_calls(io, c, w.url(), 32, 1, t);
    run_out(io);
    ASSERT_EQ(t.ok, 32) << t.first();
    EXPECT_GT(c.counters().connections, 0u);
    EXPECT_EQ(descriptors_of_a_child(), before);
}

TEST(Process, NoThreadOfOursIsLeftAndNoneWasNeeded) {
    asio::io_context io;
    const auto count = [] {
        std::size_t n = 0;
        for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/task"))
            ++n;
        return n;
    };
#ifdef __SANITIZE_THREAD__
    constexpr std::size_t before = 2;  // its own comes with the first that anybody starts
#else
    constexpr std::size_t before = 1;
#endif
    {
        workspace w;
        client c(io.get_executor(), w.cache(io.get_executor()), w.options());
        ASSERT_TRUE(call(io, c, get(w.url())));
        EXPECT_EQ(count(), before + 1);  // the emulator's
    }
    // A thread that was joined is listed until the kernel has done with it.
    EXPECT_TRUE(eventually(io, [&] { return count() == before; })) << count();
}

}  // namespace
}  // namespace dbxapps::test
