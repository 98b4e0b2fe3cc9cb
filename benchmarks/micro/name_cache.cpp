// A name that is known already, as a dial asks for it. Many in one coroutine, so that the loop's own cost is spread.
#include <net/name_cache.hpp>

#include <benchmark/benchmark.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <string>

namespace dbxapps::net {
namespace {

constexpr int batch = 1000;
constexpr auto name = "app-1234567890123456.aws.databricksapps.com";

asio::awaitable<void> resolve_many(name_cache& names, int times, int& resolved) {
    const time_point deadline = clock::now() + std::chrono::seconds(60);
    for (int i = 0; i < times; ++i) {
        const auto answer = co_await names.resolve(name, 443, deadline);
        if (answer && answer->size() == 2) ++resolved;
    }
}

// How many of them had their answer.
int run_many(asio::io_context& io, name_cache& names, int times) {
    int resolved = 0;
    asio::co_spawn(io, resolve_many(names, times, resolved), asio::detached);
    io.restart();
    io.run();
    return resolved;
}

void name_cache_hit(benchmark::State& state) {
    std::atomic<int> lookups{0};
    name_cache names({}, std::chrono::hours(1), [&lookups](const std::string&) -> result<addresses> {
        ++lookups;
        return addresses{asio::ip::make_address("192.0.2.1"), asio::ip::make_address("2001:db8::1")};
    });
    asio::io_context io(1);
    if (run_many(io, names, 1) != 1) return state.SkipWithError("the name was not looked up");
    while (state.KeepRunningBatch(batch)) {
        if (run_many(io, names, batch) != batch) {
            state.SkipWithError("an answer is wrong");
            break;
        }
    }
    if (lookups != 1) state.SkipWithError("the name was looked up again");
}
BENCHMARK(name_cache_hit);

}  // namespace
}  // namespace dbxapps::net
