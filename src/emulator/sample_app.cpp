#include <emulator/sample_app.hpp>
#include <text/ascii.hpp>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <optional>

namespace dbxapps::emulated {
namespace {

constexpr std::string_view json = "application/json";
constexpr std::uint64_t most_bytes = std::uint64_t(1) << 30;

std::string plain(std::string_view s) {  // JSON wants UTF-8; what a field holds need not be
    std::string out(s);
    std::replace_if(
        out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
    return out;
}

// Fields that a caller cannot pass through the front door: its credential, and copies of what the door itself says.
bool kept_from_app(std::string_view name) {
    constexpr std::array<std::string_view, 4> own = {"authorization", "host", "x-real-ip", "x-request-id"};
    return name.starts_with("x-forwarded-") || std::find(own.begin(), own.end(), name) != own.end();
}

boost::json::object fields_seen(const app_call& call) {
    boost::json::object seen;
    std::string_view left = call.head.fields;
    while (!left.empty()) {
        const std::string_view line = left.substr(0, left.find("\r\n"));
        left.remove_prefix(line.size() + 2);
        const auto colon = line.find(": ");
        const std::string name = text::lowered(line.substr(0, colon));
        if (!kept_from_app(name)) seen[name] = plain(line.substr(colon + 2));
    }
    seen["host"] = "localhost:8000";
    seen["x-forwarded-host"] = call.head.host;
    seen["x-forwarded-user"] = call.user;
    seen["x-forwarded-email"] = call.user;
    seen["x-forwarded-preferred-username"] = call.user;
    seen["x-real-ip"] = "127.0.0.1";
    seen["x-request-id"] = call.request_id;
    return seen;
}

void describe(const app_call& call, answer& out) {
    boost::json::object what;
    what["app"] = call.app;
    what["method"] = call.head.method;
    what["target"] = plain(call.head.target);
    what["headers"] = fields_seen(call);
    out.start(200).body(json, boost::json::serialize(what));
}

void echo(const app_call& call, answer& out) {
    if (call.body.empty()) return describe(call, out);
    const std::string_view type = call.head.content_type;
    out.start(200).echo(type.empty() ? "application/octet-stream" : type, call.body);
}

void hello(const app_call& call, answer& out) {
    std::array<char, 96> text;  // no allocation: this is what benchmarks call
    char* end = text.data();
    for (const std::string_view part :
         {std::string_view(R"({"message":"hello","app":")"), call.app, std::string_view(R"("})")})
        end = std::copy(part.begin(), part.end(), end);
    out.start(200).body(json, {text.data(), static_cast<std::size_t>(end - text.data())});
}

// The number after a prefix of the path, in its range.
std::optional<std::uint64_t> number_after(std::string_view path, std::string_view prefix, std::uint64_t low,
                                          std::uint64_t high) {
    if (!path.starts_with(prefix)) return std::nullopt;
    const auto number = text::parse_number(path.substr(prefix.size()));
    return number && *number >= low && *number <= high ? number : std::nullopt;
}

}  // namespace

void answer_as_app(const app_call& call, answer& out) {
    const std::string_view path = call.head.path();
    if (path == "/api/hello" && call.head.reads()) return hello(call, out);
    if (path == "/api/echo") return echo(call, out);
    if (const auto code = number_after(path, "/api/status/", 200, 599))
        return out.start(static_cast<int>(*code)).body(json, "{\"status\":" + std::to_string(*code) + "}");
    if (const auto size = number_after(path, "/api/bytes/", 0, most_bytes); size && call.head.reads())
        return out.start(200).filler(answer::rest::pattern, *size);
    if (const auto size = number_after(path, "/api/chunked/", 0, most_bytes))
        return out.start(200).filler(call.head.chunks_understood ? answer::rest::chunks : answer::rest::pattern, *size);
    out.start(404).body(json, R"({"detail":"Not Found"})");
}

}  // namespace dbxapps::emulated
