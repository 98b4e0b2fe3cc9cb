// What a call pays for being counted in the latencies of its origin; the durations differ, as those of calls do.
#include <dbxapps/latency_histogram.hpp>

#include <benchmark/benchmark.h>

#include <memory>

namespace dbxapps {
namespace {

void latency_histogram_record(benchmark::State& state) {
    const auto histogram = std::make_unique<latency_histogram>();
    std::uint32_t some = 1;
    for (auto _ : state) {
        some = some * 1664525 + 1013904223;
        histogram->record(std::chrono::nanoseconds(some >> 8));
        benchmark::ClobberMemory();
    }
    if (histogram->snapshot().count() != static_cast<std::uint64_t>(state.iterations())) {
        state.SkipWithError("a duration was lost");
    }
}
BENCHMARK(latency_histogram_record);

}  // namespace
}  // namespace dbxapps
