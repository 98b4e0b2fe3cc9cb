// What a usual call pays for all that is counted of it: it comes, one attempt, an answer, it goes.
#include <origin_counters.hpp>

#include <benchmark/benchmark.h>

#include <memory>

namespace dbxapps {
namespace {

void origin_counters_one_call(benchmark::State& state) {
    const auto counters = std::make_unique<origin_counters>();
    std::uint32_t some = 1;
    for (auto _ : state) {
        const origin_counters::call counted(*counters);
        counters->attempted();
        some = some * 1664525 + 1013904223;
        counters->answered(200, std::chrono::nanoseconds(some >> 8));
        benchmark::ClobberMemory();
    }
    origin_metrics m;
    counters->read(m);
    if (m.calls != static_cast<std::uint64_t>(state.iterations())) state.SkipWithError("a call was lost");
}
BENCHMARK(origin_counters_one_call);

}  // namespace
}  // namespace dbxapps
