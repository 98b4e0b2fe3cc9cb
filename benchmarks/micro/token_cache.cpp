// What a call pays for its token when the cache has a fresh one: a lock, two looks at the time, a reference more.
#include <dbxapps/token_cache.hpp>

#include <benchmark/benchmark.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <memory>
#include <string>

namespace dbxapps {
namespace {

class hour_source : public token_source {
public:
    boost::asio::awaitable<result<token>> fetch(transport&, time_point) override {
        co_return token(std::string(900, 'x'), std::chrono::hours(1));  // as long as a signed one usually is
    }
};

// A cache with its token in it. Nothing runs its io_context afterwards, and nothing has to.
struct warm_cache {
    boost::asio::io_context io;
    token_cache cache{io.get_executor(), std::make_unique<hour_source>()};
    warm_cache() {
        boost::asio::co_spawn(io, cache.get(clock::now() + std::chrono::seconds(10)),
                              [](std::exception_ptr, const result<token_ptr>&) {});
        io.run();
    }
};

void token_cache_hit(benchmark::State& state) {
    static warm_cache shared;
    const time_point now = shared.cache.now();
    for (auto _ : state) {
        token_ptr token = shared.cache.try_get(now);
        benchmark::DoNotOptimize(token);
        if (!token) {
            state.SkipWithError("the cache has no token");
            break;
        }
    }
}
BENCHMARK(token_cache_hit);
BENCHMARK(token_cache_hit)->Threads(4);

}  // namespace
}  // namespace dbxapps
