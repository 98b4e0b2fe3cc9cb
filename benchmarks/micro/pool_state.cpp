// Two events of a pool at rest: a caller comes and gets the newest idle connection, and gives it back.
#include <core/pool_state.hpp>

#include <benchmark/benchmark.h>

namespace dbxapps::core {
namespace {

constexpr std::uint32_t connections = 64;
const time_point now(std::chrono::hours(100));

// All connections open and idle.
pool_state warm_pool() {
    pool_state pool({.max_connections = connections, .max_dials = connections});
    pool_actions dials, delivered;
    for (pool_waiter waiter = 1; waiter <= connections; ++waiter)
        pool.acquire(waiter, now, dials);
    conn_id conn = 0;
    for (const auto& action : dials) {
        if (action.what == pool_action::kind::dial) pool.dialed(action.dial, conn++, 1, now, delivered);
    }
    for (const auto& action : delivered) {
        pool_actions ignored;
        if (action.what == pool_action::kind::deliver) pool.release(action.conn, now, ignored);
    }
    return pool;
}

void pool_state_acquire_release(benchmark::State& state) {
    pool_state pool = warm_pool();
    if (pool.count().idle != connections) return state.SkipWithError("the pool is not warm");
    pool_actions actions;
    for (auto _ : state) {
        actions.clear();
        pool.acquire(1, now, actions);
        if (actions.empty() || actions.front().what != pool_action::kind::deliver) {
            state.SkipWithError("no connection was delivered");
            break;
        }
        pool.release(actions.front().conn, now, actions);
        benchmark::DoNotOptimize(actions.data());
        benchmark::ClobberMemory();
    }
    if (pool.count().idle != connections) state.SkipWithError("a connection was lost");
}
BENCHMARK(pool_state_acquire_release);

}  // namespace
}  // namespace dbxapps::core
