// A request as it goes out, with a token of the usual length and a small body, into a buffer that has been used before.
#include <net/wire_request.hpp>

#include <benchmark/benchmark.h>

#include <string>
#include <string_view>
#include <vector>

namespace dbxapps::net {
namespace {

// What the pieces of a request point to.
struct call {
    std::string fixed;
    std::string fields = "Accept: application/json\r\nContent-Type: application/json\r\nX-Request-Id: 2b1f6a52\r\n";
    std::string authorization = "Bearer " + std::string(900, 'x');
    std::string body = std::string(256, 'b');
};

std::string_view serialise(const call& c, std::vector<char>& buffer) {
    wire_request wire;
    wire.method = "POST";
    wire.target = "/api/v1/ask?q=1";
    wire.fixed = c.fixed;
    wire.authorization = c.authorization;
    wire.fields = c.fields;
    wire.content_length = c.body.size();
    wire.body = c.body;
    const std::size_t size = wire.size();
    if (buffer.size() < size) buffer.resize(size);
    wire.write_to(buffer.data());
    return {buffer.data(), size};
}

bool is_right(std::string_view out, const call& c) {
    return out.starts_with("POST /api/v1/ask?q=1 HTTP/1.1\r\nHost: app-1.aws.databricksapps.com\r\n") &&
           out.find("\r\nContent-Length: 256\r\n") != out.npos && out.find(c.authorization) != out.npos &&
           out.find(c.fields) != out.npos && out.ends_with("\r\n\r\n" + c.body);
}

void request_serialisation(benchmark::State& state) {
    const auto to = text::parse_url("https://app-1.aws.databricksapps.com");
    if (!to) return state.SkipWithError("the URL cannot be parsed");
    const call c{.fixed = fixed_fields(*to, "dbxapps/0.1.0 benchmark/1")};
    std::vector<char> buffer;
    if (!is_right(serialise(c, buffer), c)) return state.SkipWithError("the request is wrong");
    const std::size_t size = buffer.size();
    for (auto _ : state) {
        const std::string_view out = serialise(c, buffer);
        benchmark::DoNotOptimize(out.data());
        benchmark::ClobberMemory();
        if (out.size() != size) {
            state.SkipWithError("the request is wrong");
            break;
        }
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(size));
}
BENCHMARK(request_serialisation);

}  // namespace
}  // namespace dbxapps::net
