// A token stream as a chat model sends it, in pieces of the size of a TLS record.
#include <apps/event_stream.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace dbxapps::apps {
namespace {

constexpr std::size_t piece_size = 16 * 1024;
constexpr std::string_view one_event =
    R"(data: {"id":"chatcmpl-7f3a","object":"chat.completion.chunk","created":1741000000,"model":"m",)"
    R"("choices":[{"index":0,"delta":{"content":" word"},"finish_reason":null}]})"
    "\n\n";

std::string token_stream(std::size_t size) {
    std::string out;
    while (out.size() + one_event.size() <= size)
        out += one_event;
    return out;
}

std::size_t count_events(event_stream& stream, std::string_view text) {
    std::size_t events = 0;
    while (!text.empty()) {
        std::string_view piece = text.substr(0, piece_size);
        text.remove_prefix(piece.size());
        while (auto e = stream.next(piece)) {
            benchmark::DoNotOptimize(e->data.data());
            ++events;
        }
    }
    return events;
}

void sse_parser_64k(benchmark::State& state) {
    const std::string text = token_stream(64 * 1024);
    const std::size_t expected = text.size() / one_event.size();
    event_stream stream;
    for (auto _ : state) {
        if (count_events(stream, text) != expected || stream.failed() || stream.mid_event()) {
            state.SkipWithError("the events are not those of the stream");
            break;
        }
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(expected));
}
BENCHMARK(sse_parser_64k);

}  // namespace
}  // namespace dbxapps::apps
