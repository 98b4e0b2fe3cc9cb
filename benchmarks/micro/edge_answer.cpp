// Who answered, asked of every answer: the app's own are told by their gap-auth, the others by more looks at the head.
#include "typical_answer.hpp"

#include <apps/edge_answer.hpp>

#include <benchmark/benchmark.h>

#include <string>

namespace dbxapps::bench {
namespace {

void judge(benchmark::State& state, const std::string& text, apps::edge_verdict expected) {
    net::answer_parser parser;
    if (!parse(parser, text)) return state.SkipWithError("the answer cannot be parsed");
    const response answer = parser.take();
    for (auto _ : state) {
        const apps::edge_answer judged = apps::read_edge_answer(answer, {.workspace_host = "ws.cloud.databricks.com"});
        benchmark::DoNotOptimize(judged);
        if (judged.verdict != expected) {
            state.SkipWithError("the verdict is wrong");
            break;
        }
    }
}

void edge_answer_200(benchmark::State& state) { judge(state, typical_answer(), apps::edge_verdict::app); }
BENCHMARK(edge_answer_200);

void edge_answer_login_redirect(benchmark::State& state) {
    judge(state,
          "HTTP/1.1 302 Found\r\nserver: databricks\r\ncontent-length: 0\r\n"
          "location: https://ws.cloud.databricks.com/oidc/oauth2/v2.0/authorize?client_id=x&state=y\r\n\r\n",
          apps::edge_verdict::not_signed_in);
}
BENCHMARK(edge_answer_login_redirect);

}  // namespace
}  // namespace dbxapps::bench
