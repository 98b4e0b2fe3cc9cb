// An emulated workspace with a client and a cache on one io_context, and a way to run calls to their end.
#pragma once

#include <dbxapps/dbxapps.hpp>
#include <dbxapps/emulator.hpp>

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <string>
#include <utility>
#include <vector>

namespace dbxapps::test {

namespace asio = boost::asio;
using asio::awaitable;
using namespace std::chrono_literals;

// A clock that moves when it is told to.
class hand_clock {
public:
    std::function<time_point()> function() {
        return [at = at_] { return time_point(duration(at->load())); };
    }
    void advance(duration d) { at_->fetch_add(d.count()); }

private:
    std::shared_ptr<std::atomic<duration::rep>> at_ =
        std::make_shared<std::atomic<duration::rep>>(clock::now().time_since_epoch().count());
};

// Runs the contexts in short turns until the condition holds; the time is for a test that would hang.
inline bool eventually(const std::vector<asio::io_context*>& all, const std::function<bool()>& holds,
                       duration within = 60s) {
    const auto until = clock::now() + within;
    while (!holds() && clock::now() < until) {
        for (auto* io : all) {
            io->restart();
            io->run_for(all.size() == 1 ? 5ms : 1ms);
        }
    }
    return holds();
}
inline bool eventually(asio::io_context& io, const std::function<bool()>& holds) { return eventually({&io}, holds); }

// Everything that can go on without news from outside has gone on.
inline void settle(asio::io_context& io) {
    io.restart();
    io.poll();
}

// Runs the context until it has nothing left to do. A test that hangs fails instead.
inline void run_out(asio::io_context& io, duration within = 60s) {
    io.restart();
    io.run_for(within);
    ASSERT_TRUE(io.stopped()) << "the io_context still has work";
}

inline emulator_fault stall(std::uint64_t times) {
    emulator_fault out;
    out.what = emulator_fault::kind::stall;
    out.times = times;
    return out;
}

class workspace {
public:
    explicit workspace(emulator_options e = {}) : emulated(e) {}

    std::unique_ptr<token_source> login() {
        return client_credentials(emulated.workspace_url(), emulated.client_id(), emulated.client_secret());
    }
    std::shared_ptr<token_cache> cache(asio::any_io_executor ex, token_options options = {}) {
        options.network = emulated.network();
        return make_token_cache(std::move(ex), login(), std::move(options));
    }
    client_options options() const {
        client_options out;
        out.network = emulated.network();
        return out;
    }
    client_options options(std::uint32_t max_connections) const {
        client_options out = options();
        out.max_connections = out.max_dials = max_connections;
        return out;
    }
    std::string url(std::string_view path = "/api/hello", std::string_view app = "orders") const {
        return emulated.app_url(app) + std::string(path);
    }

    emulator emulated;
};

// The outcome of one call, run to its end.
inline result<response> call(asio::io_context& io, client c, request r) {
    result<response> out = failure(errc::closed, "the test's call never ended");
    asio::co_spawn(
        io, [&, c, r]() -> awaitable<void> { out = co_await c.try_send(r); }, asio::detached);
    run_out(io);
    return out;
}

struct tally {
    int ok = 0;
    int bad = 0;
    std::vector<std::string> words;  // of the first few failures
    void add(const result<response>& r) {
        if (r && r->status() == 200) {
            ++ok;
            return;
        }
        ++bad;
        if (words.size() < 5) words.push_back(r ? "status " + std::to_string(r->status()) : r.error().detail);
    }
    std::string first() const { return words.empty() ? "" : words.front(); }
};

// `workers` coroutines that start at once, each making `each` calls.
inline void start_calls(asio::io_context& io, client c, std::string url, int workers, int each, tally& t) {
    for (int w = 0; w < workers; ++w) {
        asio::co_spawn(
            io,
            [c, url, each, &t]() -> awaitable<void> {
                for (int i = 0; i < each; ++i) {
                    auto r = co_await c.try_send(get(url));
                    t.add(r);
                }
            },
            asio::detached);
    }
}

}  // namespace dbxapps::test
