// What a call pays for its deadline: an entry of a wheel with many others is armed, and disarmed in time.
#include <core/deadline.hpp>

#include <benchmark/benchmark.h>

#include <memory>

namespace dbxapps::core {
namespace {

constexpr int others = 1000;

void deadline_arm_disarm(benchmark::State& state) {
    const time_point now(std::chrono::hours(100));
    deadline_wheel wheel(now);
    const auto armed = std::make_unique<deadline_entry[]>(others);
    for (int i = 0; i < others; ++i)
        wheel.arm(armed[i], now + i * std::chrono::milliseconds(120));
    deadline_entry mine;
    const time_point at = now + std::chrono::seconds(120);
    for (auto _ : state) {
        wheel.arm(mine, at);
        benchmark::DoNotOptimize(&mine);
        benchmark::ClobberMemory();
        wheel.disarm(mine);
    }
    if (mine.armed() || wheel.size() != others) state.SkipWithError("the wheel has lost count");
    for (int i = 0; i < others; ++i)
        wheel.disarm(armed[i]);
}
BENCHMARK(deadline_arm_disarm);

}  // namespace
}  // namespace dbxapps::core
