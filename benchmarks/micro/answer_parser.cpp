// One small answer from bytes to a response.
#include "typical_answer.hpp"

#include <benchmark/benchmark.h>

#include <string>

namespace dbxapps::bench {
namespace {

void answer_parser_small_json(benchmark::State& state) {
    const std::string text = typical_answer();
    net::answer_parser parser;
    for (auto _ : state) {
        const bool complete = parse(parser, text);
        const response answer = parser.take();
        benchmark::DoNotOptimize(answer.body().data());
        if (!complete || answer.status() != 200 || answer.header_count() != 8 || answer.body().size() != 256) {
            state.SkipWithError("the answer was read wrongly");
            break;
        }
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(answer_parser_small_json);

}  // namespace
}  // namespace dbxapps::bench
