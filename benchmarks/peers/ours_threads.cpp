// Calls per second of several threads: on one shared client, or on a client and an io_context for each.
#include "ours_client.hpp"
#include "usage.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace bench {
namespace {

namespace asio = boost::asio;

struct tally {
    std::atomic<std::uint64_t> calls{0}, failures{0};
};

asio::awaitable<void> keep_calling(dbxapps::client c, std::string url, clock::time_point until, tally& out) {
    std::uint64_t calls = 0, failures = 0;
    while (clock::now() < until) {
        const auto answer = co_await c.try_send(request_for(url));
        ++(answer && answer->status() == 200 ? calls : failures);
    }
    out.calls += calls;
    out.failures += failures;
}

struct place {
    place(const options& o, int threads, std::size_t calls, const std::string& token)
        : io(threads),
          in_flight(calls),
          url(url_of(o, 0)),
          client(io.get_executor(), dbxapps::make_token_cache(io.get_executor(), dbxapps::fixed_token(token)),
                 client_options_for(o, static_cast<std::uint32_t>(calls))) {}

    asio::io_context io;
    std::size_t in_flight;
    std::string url;
    dbxapps::client client;
};

void run_places(std::vector<std::unique_ptr<place>>& places, std::size_t threads, double seconds, tally& out) {
    const auto until =
        clock::now() + std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(seconds));
    for (const auto& p : places) {
        for (std::size_t n = 0; n < p->in_flight; ++n)
            asio::co_spawn(p->io, keep_calling(p->client, p->url, until, out), asio::detached);
        p->io.restart();
    }
    std::vector<std::thread> running;
    for (std::size_t n = 0; n < threads; ++n)
        running.emplace_back([&io = places[n % places.size()]->io] { io.run(); });
    for (auto& each : running)
        each.join();
}

}  // namespace

std::uint64_t run_threads(const options& o, json_line& out) {
    const std::size_t number = o.shared ? 1 : o.threads;
    std::vector<std::unique_ptr<place>> places;
    for (std::size_t n = 0; n < number; ++n)
        places.push_back(
            std::make_unique<place>(o, static_cast<int>(o.shared ? o.threads : 1), o.in_flight / number, o.token));
    tally warm, seen;
    run_places(places, o.threads, 0.2, warm);
    const stopwatch watch;
    run_places(places, o.threads, o.seconds, seen);
    out.add("calls", seen.calls.load()).add("seconds", watch.seconds()).add("cpu_seconds", watch.cpu());
    out.add("failures", warm.failures + seen.failures);
    return warm.failures + seen.failures;
}

}  // namespace bench
