#include <net/name_cache.hpp>
#include <support/workspace.hpp>

#include <condition_variable>

namespace dbxapps::net {
namespace {

using namespace std::chrono_literals;
using asio::awaitable;
using test::run_out;

const address one = asio::ip::make_address("192.0.2.1");

// A resolver that answers when it is told to, from its own thread.
struct gate {
    std::mutex mutex;
    std::condition_variable opened;
    bool open = false;
    std::atomic<int> asked{0};
    void let_through() {
        std::lock_guard lock(mutex);
        open = true;
        opened.notify_all();
    }
    result<addresses> look_up(const std::string&) {
        ++asked;
        std::unique_lock lock(mutex);
        opened.wait(lock, [&] { return open; });
        return addresses{one};
    }
};

struct name_cache_test : testing::Test {
    asio::io_context io;
    std::shared_ptr<gate> resolver = std::make_shared<gate>();
    std::vector<result<addresses>> answers;

    name_cache cache_of(std::vector<host_override> overrides = {}, duration live = 30s) {
        return {std::move(overrides), live, [r = resolver](const std::string& h) { return r->look_up(h); }};
    }
    void ask(name_cache& cache, std::string host, std::uint16_t port = 443, time_point deadline = clock::now() + 20s) {
        asio::co_spawn(
            io,
            [&, host, port, deadline]() -> awaitable<void> {
                auto r = co_await cache.resolve(host, port, deadline);
                answers.push_back(std::move(r));
            },
            asio::detached);
    }
};

TEST_F(name_cache_test, AHundredWhoAskForOneNameCauseOneLookup) {
    auto cache = cache_of();
    for (int i = 0; i < 100; ++i)
        ask(cache, "app.example");
    io.poll();
    resolver->let_through();
    run_out(io);
    ASSERT_EQ(answers.size(), 100u);
    for (const auto& a : answers)
        EXPECT_EQ(*a, addresses{one});
    EXPECT_EQ(resolver->asked, 1);
    ask(cache, "app.example");
    run_out(io);
    EXPECT_EQ(resolver->asked, 1);
    cache.forget("app.example");
    ask(cache, "app.example");
    run_out(io);
    EXPECT_EQ(resolver->asked, 2);
}

TEST_F(name_cache_test, WithNoLifeEveryQuestionIsAskedAnew) {
    auto cache = cache_of({}, 0s);
    resolver->let_through();
    for (int i = 1; i <= 3; ++i) {
        ask(cache, "app.example");
        run_out(io);
        EXPECT_EQ(resolver->asked, i);
    }
}

TEST_F(name_cache_test, ALookupThatHangsHoldsUpNeitherTheDeadlineNorTheEnd) {
    {
        auto cache = cache_of();
        ask(cache, "app.example", 443, clock::now() + 20ms);
        run_out(io);
    }
    ASSERT_EQ(answers.size(), 1u);
    EXPECT_TRUE(answers[0].error().is(errc::timed_out)) << answers[0].error().detail;
    EXPECT_NE(answers[0].error().detail.find("app.example"), std::string::npos);
    resolver->let_through();  // its answer finds nobody
}

TEST_F(name_cache_test, OverridesAndLiteralsAreAnsweredWithoutALookup) {
    auto cache =
        cache_of({{"app.example", 443, "127.0.0.1"}, {"*.below.example", 0, "127.0.0.2"}, {"bad.example", 0, "x"}});
    ask(cache, "APP.example");
    ask(cache, "a.b.below.example", 8443);
    ask(cache, "192.0.2.7");
    ask(cache, "2001:db8::1");
    ask(cache, "bad.example");
    run_out(io);
    ASSERT_EQ(answers.size(), 5u);
    EXPECT_EQ(answers[0]->front().to_string(), "127.0.0.1");
    EXPECT_EQ(answers[1]->front().to_string(), "127.0.0.2");
    EXPECT_EQ(answers[2]->front().to_string(), "192.0.2.7");
    EXPECT_EQ(answers[3]->front().to_string(), "2001:db8::1");
    EXPECT_TRUE(answers[4].error().is(errc::bad_config));
    EXPECT_EQ(resolver->asked, 0);
}

TEST_F(name_cache_test, AnOverrideOfOnePortOrOfNamesBelowLeavesTheRestAlone) {
    auto cache = cache_of({{"app.example", 443, "127.0.0.1"}, {"*.below.example", 0, "127.0.0.2"}});
    resolver->let_through();
    ask(cache, "app.example", 80);
    ask(cache, "below.example");
    run_out(io);
    EXPECT_EQ(resolver->asked, 2);
}

TEST_F(name_cache_test, TheSystemsResolverKnowsLocalhostAndNotNonsense) {
    EXPECT_TRUE(system_lookup("localhost"));
    const auto nothing = system_lookup("no-such-host.invalid");
    ASSERT_FALSE(nothing);
    EXPECT_TRUE(nothing.error().is(errc::resolve_failed));
    EXPECT_NE(nothing.error().detail.find("no-such-host.invalid"), std::string::npos);
}

}  // namespace
}  // namespace dbxapps::net
