#include <dbxapps/metrics.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <utility>
#include <vector>

namespace dbxapps {
namespace {

using namespace std::chrono_literals;

struct family {
    std::string_view name, type, help;
    std::string_view unit{};
};

// A family for each: one number of an origin as it is.
struct plain_family {
    family what;
    std::uint64_t origin_metrics::*number;
};
constexpr std::array<plain_family, 3> plain_families{{
    {{"dbxapps_calls", "counter", "Calls that have ended, whatever the outcome."}, &origin_metrics::calls},
    {{"dbxapps_calls_in_flight", "gauge", "Calls that have not ended yet."}, &origin_metrics::in_flight},
    {{"dbxapps_attempts", "counter", "Attempts to send a request, without resends."}, &origin_metrics::attempts},
}};

// In the spelling that OpenMetrics wants ("Considerations: Canonical Numbers").
constexpr std::array<std::pair<std::string_view, duration>, 16> bounds{{
    {"0.001", 1ms},
    {"0.0025", 2500us},
    {"0.005", 5ms},
    {"0.01", 10ms},
    {"0.025", 25ms},
    {"0.05", 50ms},
    {"0.1", 100ms},
    {"0.25", 250ms},
    {"0.5", 500ms},
    {"1.0", 1s},
    {"2.5", 2500ms},
    {"5.0", 5s},
    {"10.0", 10s},
    {"30.0", 30s},
    {"60.0", 60s},
    {"120.0", 120s},
}};

std::string label(std::string_view name, std::string_view value) {
    std::string out(name);
    out += "=\"";
    for (const char c : value) {
        if (c == '\\' || c == '"') out += '\\';
        out += c == '\n' ? std::string_view("\\n") : std::string_view(&c, 1);
    }
    return out += '"';
}

std::string number(double seconds) {
    std::array<char, 32> text;
    return {text.data(), std::to_chars(text.data(), text.data() + text.size(), seconds).ptr};
}

// One family after the other, and in each one origin after the other: the format forbids to mix them.
class exposition {
public:
    explicit exposition(std::span<const origin_metrics> origins) {
        for (const auto& each : origins)
            origins_.emplace_back(&each, label("origin", each.origin));
    }

    // `each` gets every origin, and writes its samples.
    template <class Each>
    void add(const family& f, Each each) {
        line("# TYPE ", f.name, f.type);
        if (!f.unit.empty()) line("# UNIT ", f.name, f.unit);
        line("# HELP ", f.name, f.help);
        for (const auto& [metrics, origin] : origins_) {
            each(*metrics, [&, &of = origin](std::string_view suffix, const std::string& more, const auto& value) {
                out_ += f.name;
                out_ += suffix;
                line("", "{" + of + (more.empty() ? "" : ",") + more + "}", text_of(value));
            });
        }
    }
    std::string finish() && { return std::move(out_ += "# EOF\n"); }

private:
    static std::string text_of(std::uint64_t n) { return std::to_string(n); }
    static std::string text_of(const std::string& s) { return s; }
    void line(std::string_view begin, std::string_view name, std::string_view rest) {
        out_.append(begin).append(name).append(" ").append(rest).append("\n");
    }

    std::vector<std::pair<const origin_metrics*, std::string>> origins_;
    std::string out_;
};

void add_responses(exposition& out) {
    out.add({"dbxapps_responses", "counter", "Calls that ended with a response, by the class of its status."},
            [](const origin_metrics& m, const auto& sample) {
                for (std::size_t i = 1; i < m.responses.size(); ++i)
                    sample("_total", label("status", std::to_string(i) + "xx"), m.responses[i]);
            });
}

void add_failures(exposition& out) {
    out.add({"dbxapps_failures", "counter", "Calls that ended without a response, by the code of the failure."},
            [](const origin_metrics& m, const auto& sample) {
                for (std::size_t i = 0; i < m.failures_by.size(); ++i) {
                    const auto code = to_string(static_cast<errc>(i));
                    if (m.failures_by[i] != 0) sample("_total", label("code", code), m.failures_by[i]);
                }
            });
}

void add_repeats(exposition& out) {
    out.add({"dbxapps_repeats", "counter", "Requests that were sent again, by the reason."},
            [](const origin_metrics& m, const auto& sample) {
                sample("_total", label("reason", "retry"), m.retries);
                sample("_total", label("reason", "replay"), m.replays);
                sample("_total", label("reason", "resend"), m.resends);
            });
}

void add_connections(exposition& out) {
    out.add({"dbxapps_connections", "gauge", "Open connections."}, [](const origin_metrics& m, const auto& sample) {
        const std::uint64_t busy = m.connections - std::min(m.connections, m.idle_connections);
        sample("", label("state", "busy"), busy);
        sample("", label("state", "idle"), m.idle_connections);
    });
}

void add_circuit(exposition& out) {
    out.add({"dbxapps_circuit", "stateset", "Whether calls fail at once, as nothing answers."},
            [](const origin_metrics& m, const auto& sample) {
                for (const auto state : {circuit_state::closed, circuit_state::open, circuit_state::half_open})
                    sample("", label("dbxapps_circuit", to_string(state)), std::uint64_t{m.circuit == state});
            });
}

void add_latency(exposition& out) {
    out.add({"dbxapps_call_duration_seconds", "histogram", "From a call's entry to its outcome.", "seconds"},
            [](const origin_metrics& m, const auto& sample) {
                for (const auto& [le, bound] : bounds)
                    sample("_bucket", label("le", le), m.latency.within(bound));
                sample("_bucket", label("le", "+Inf"), m.latency.count());
                sample("_count", "", m.latency.count());
                sample("_sum", "", number(std::chrono::duration<double>(m.latency.sum()).count()));
            });
}

}  // namespace

std::string_view to_string(circuit_state s) noexcept {
    if (s == circuit_state::open) return "open";
    return s == circuit_state::half_open ? "half_open" : "closed";
}

std::string open_metrics(std::span<const origin_metrics> origins) {
    exposition out(origins);
    for (const auto& each : plain_families) {
        const std::string_view suffix = each.what.type == "counter" ? "_total" : "";
        out.add(each.what, [&](const origin_metrics& m, const auto& sample) { sample(suffix, "", m.*each.number); });
    }
    add_responses(out);
    add_failures(out);
    add_repeats(out);
    add_connections(out);
    add_circuit(out);
    add_latency(out);
    return std::move(out).finish();
}

}  // namespace dbxapps
