#include "options.hpp"

#include <charconv>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <optional>

namespace bench {
namespace {

template <class Number>
Number number(std::string_view name, std::string_view text, Number least, Number most) {
    Number n{};
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (fault == std::errc() && end == text.data() + text.size() && n >= least && n <= most) return n;
    throw bad_option(std::string(name) + " does not take '" + std::string(text) + "'");
}

command command_called(std::string_view name) {
    if (name == "load") return command::load;
    if (name == "calls") return command::calls;
    if (name == "fanout") return command::fanout;
    if (name == "idle") return command::idle;
    if (name == "storm") return command::storm;
    if (name == "threads") return command::threads;
    if (name == "outage") return command::outage;
    throw bad_option("there is no command '" + std::string(name) + "'");
}

std::string trimmed_contents(const std::string& file) {
    std::ifstream in(file);
    if (!in) throw bad_option("the token file " + file + " cannot be read");
    const std::string all{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    const auto first = all.find_first_not_of(" \t\r\n");
    if (first == all.npos) throw bad_option("the token file " + file + " is empty");
    return all.substr(first, all.find_last_not_of(" \t\r\n") + 1 - first);
}

// True: the option was one of words, not of numbers.
bool take_words(options& o, std::string_view name, const std::string& value) {
    std::string* const to = name == "--ca"        ? &o.ca
                            : name == "--path"    ? &o.path
                            : name == "--host"    ? &o.host
                            : name == "--address" ? &o.address
                                                  : nullptr;
    if (to) *to = value;
    if (name == "--token") o.token = trimmed_contents(value);
    if (name == "--clients") o.shared = value == "shared";
    if (name == "--chains") o.remember_chains = value == "remembered";
    if (name == "--trickle") o.trickle = value == "yes";
    return to || name == "--token" || name == "--clients" || name == "--chains" || name == "--trickle";
}

void take(options& o, std::optional<std::uint64_t>& warm, std::string_view name, std::string_view value) {
    constexpr std::size_t most_slots = 100'000;
    constexpr std::uint64_t most_calls = 1'000'000'000'000;
    if (take_words(o, name, std::string(value))) return;
    if (name == "--port") {
        o.port = number<std::uint16_t>(name, value, 1, 65'535);
    } else if (name == "--in-flight") {
        o.in_flight = number<std::size_t>(name, value, 1, most_slots);
    } else if (name == "--seconds") {
        o.seconds = number<double>(name, value, 0.001, 86'400);
    } else if (name == "--calls") {
        o.calls = number<std::uint64_t>(name, value, 1, most_calls);
    } else if (name == "--warm") {
        warm = number<std::uint64_t>(name, value, 0, most_calls);
    } else if (name == "--hosts") {
        o.hosts = number<std::size_t>(name, value, 1, most_slots);
    } else if (name == "--connections") {
        o.connections = number<std::size_t>(name, value, 1, most_slots);
    } else if (name == "--threads") {
        o.threads = number<std::size_t>(name, value, 1, 64);
    } else {
        throw bad_option("there is no option " + std::string(name));
    }
}

}  // namespace

std::size_t options::slots() const noexcept {
    if (what == command::fanout || what == command::outage) return hosts;
    return what == command::idle ? connections : in_flight;
}

std::string options::host_of(std::size_t slot) const {
    return what == command::fanout || what == command::outage ? "h" + std::to_string(slot) + ".bench.test" : host;
}

options parse(const std::vector<std::string_view>& arguments) {
    options out;
    if (arguments.empty()) throw bad_option("a command is missing");
    out.what = command_called(arguments[0]);
    std::optional<std::uint64_t> warm;
    for (std::size_t at = 1; at < arguments.size(); at += 2) {
        if (at + 1 == arguments.size()) throw bad_option(std::string(arguments[at]) + " needs a value");
        take(out, warm, arguments[at], arguments[at + 1]);
    }
    if (out.port == 0 || out.ca.empty() || out.token.empty()) throw bad_option("--port, --ca and --token are needed");
    if (out.what == command::calls && out.calls == 0) throw bad_option("--calls is needed");
    out.warm = warm.value_or(out.what == command::calls ? 4 * out.in_flight : out.in_flight);
    return out;
}

const std::string_view help_text =
    R"(Makes HTTPS calls and says on one line of JSON what they cost.

    load   --seconds S             --in-flight N calls at any time, for S seconds; every connection is open before
    calls  --calls C [--warm W]    exactly C calls, N in flight, after W others (4 N)
    fanout --hosts H               one call to each of h0.bench.test .. h<H-1>.bench.test, N at once; then all
                                   connections are dropped and it does the same again, resuming its TLS sessions
    idle   --connections N         opens N connections, makes one call on each and then one every 20 ms for 2.5 s, or
           --trickle yes|no        none in that time
    storm, threads --threads T --clients shared|each, outage --hosts H  in the program of this library only

    --port P --ca FILE --token FILE     always needed
    --chains remembered|each            does ours verify a certificate chain that it knows again?
    --path /small --host app.bench.test --address 127.0.0.1 --in-flight 64

Exit status: 0 every call was answered in full with 200; 1 not; 2 the options are wrong.
)";

std::string request_text(const options& o, const std::string& host) {
    std::string out = "GET " + o.path + " HTTP/1.1\r\nHost: " + host;
    if (o.port != 443) out += ":" + std::to_string(o.port);
    out.append("\r\nUser-Agent: ").append(user_agent).append("\r\nAccept: ").append(accepted_type);
    return out + "\r\nAuthorization: Bearer " + o.token + "\r\n\r\n";
}

json_line& json_line::member(std::string_view name, std::string_view value) {
    if (!members_.empty()) members_ += ',';
    members_.append("\"").append(name).append("\":").append(value);
    return *this;
}

json_line& json_line::add(std::string_view name, std::uint64_t n) { return member(name, std::to_string(n)); }

json_line& json_line::add(std::string_view name, double n) {
    char text[64];
    std::snprintf(text, sizeof text, "%.6f", n);
    return member(name, text);
}

json_line& json_line::add(std::string_view name, const json_line& inner) { return member(name, inner.text()); }

}  // namespace bench
