// Calls in a row across token refreshes, with a token endpoint that takes half a second, and how long each took.
#include "ours_client.hpp"
#include "quantiles.hpp"

#include <dbxapps/emulator.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <sched.h>

#include <chrono>
#include <memory>

namespace bench {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

// A refresh begins at half of the life, so each life has a quiet time and then a refresh, well before the margin.
constexpr auto token_life = 3200ms, token_delay = 500ms;

struct times {
    latencies quiet, refresh;
    std::uint64_t failures = 0;
};

asio::awaitable<void> keep_calling(dbxapps::client c, std::string url, clock::time_point until, times& out) {
    const auto fetches = [tokens = c.tokens()] { return tokens->counters().fetches; };
    for (clock::time_point began = clock::now(); began < until;) {
        const bool refreshing = c.tokens()->refreshing();
        const auto before = fetches();
        const auto answer = co_await c.try_send(request_for(url));
        const auto ended = clock::now();
        // A call belongs to a refresh if any part of it does: also when it waited for the end of one.
        (refreshing || fetches() != before ? out.refresh : out.quiet).push_back(ns(ended - began));
        if (!answer || answer->status() != 200) ++out.failures;
        began = ended;
    }
}

// Its threads run on the cores that this process was not given: beside the server.
std::unique_ptr<dbxapps::emulator> workspace_elsewhere() {
    cpu_set_t ours, others;
    ::sched_getaffinity(0, sizeof ours, &ours);
    CPU_ZERO(&others);
    for (int core = 0; core < 64; ++core) {
        if (!CPU_ISSET(core, &ours)) CPU_SET(core, &others);
    }
    ::sched_setaffinity(0, sizeof others, &others);  // fails when there are none: then it shares ours
    dbxapps::emulator_options o;
    o.token_life = token_life;
    o.token_delay = token_delay;
    auto made = std::make_unique<dbxapps::emulator>(o);
    ::sched_setaffinity(0, sizeof ours, &ours);
    return made;
}

}  // namespace

std::uint64_t run_storm(const options& o, json_line& out) {
    const auto workspace = workspace_elsewhere();
    asio::io_context io(1);
    dbxapps::token_options token_options;
    token_options.network = workspace->network();
    const auto tokens = dbxapps::make_token_cache(
        io.get_executor(),
        dbxapps::client_credentials(workspace->workspace_url(), workspace->client_id(), workspace->client_secret()),
        token_options);
    const dbxapps::client c(io.get_executor(), tokens, client_options_for(o, static_cast<std::uint32_t>(o.in_flight)));
    times warm, seen;
    const auto run = [&](double seconds, times& into) {
        const auto until =
            clock::now() + std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(seconds));
        for (std::size_t n = 0; n < o.in_flight; ++n)
            asio::co_spawn(io, keep_calling(c, url_of(o, n), until, into), asio::detached);
        io.restart();
        io.run();
    };
    run(0.2, warm);  // opens the connections and fetches the first token
    run(o.seconds, seen);
    out.add("calls", seen.quiet.size() + seen.refresh.size()).add("failures", warm.failures + seen.failures);
    out.add("refreshes", tokens->counters().fetches - 1);
    out.add("p99_quiet_us", quantile_us(seen.quiet, 0.99)).add("p999_quiet_us", quantile_us(seen.quiet, 0.999));
    out.add("max_quiet_us", quantile_us(seen.quiet, 1)).add("max_refresh_us", quantile_us(seen.refresh, 1));
    out.add("p99_refresh_us", quantile_us(seen.refresh, 0.99)).add("p999_refresh_us", quantile_us(seen.refresh, 0.999));
    return warm.failures + seen.failures;
}

}  // namespace bench
