#include "report.hpp"

#include "words.hpp"

#include <algorithm>

namespace demo {
namespace {

std::string line(const std::string& name, const std::string& value) { return "  " + left(name, 20) + value + "\n"; }

std::string row(const std::string& name, const dbxapps::latency_snapshot& l) {
    std::string out = "  " + left(name, 20) + right(grouped(l.count()), 11);
    for (const auto t : {l.quantile(0.50), l.quantile(0.99), l.max()})
        out += right(l.count() != 0 ? milliseconds(t) : "-", 13);
    return out + "\n";
}

std::string cpu_words(const report& r) {
    const double share = r.seconds > 0 ? r.client_cpu / r.seconds / r.asked.threads : 0;
    return fixed(100 * share, 0) + " % of " + grouped(r.asked.threads) +
           (r.asked.threads == 1 ? " thread, " : " threads, ") +
           fixed(r.client_cpu / static_cast<double>(std::max<std::uint64_t>(1, r.all.count())) * 1e6, 1) +
           " us per call";
}

std::string member(const std::string& name, const std::string& value) { return "\"" + name + "\":" + value; }

std::string object(const dbxapps::latency_snapshot& l) {
    const auto ms = [&](std::chrono::nanoseconds t) {
        return l.count() != 0 ? fixed(std::chrono::duration<double, std::milli>(t).count(), 3) : "null";
    };
    return "{" + member("calls", std::to_string(l.count())) + "," + member("p50_ms", ms(l.quantile(0.50))) + "," +
           member("p99_ms", ms(l.quantile(0.99))) + "," + member("max_ms", ms(l.max())) + "}";
}

}  // namespace

double report::calls_per_second() const { return seconds > 0 ? static_cast<double>(all.count()) / seconds : 0; }

std::optional<double> report::p99_ratio() const {
    if (during_refresh.count() == 0 || otherwise.count() == 0) return std::nullopt;
    using seconds_of = std::chrono::duration<double>;
    return seconds_of(during_refresh.quantile(0.99)) / seconds_of(otherwise.quantile(0.99));
}

std::string as_text(const report& r) {
    std::string out = r.asked.real() ? "GETs of " + grouped(r.asked.urls.size()) + " URL(s) of real apps"
                                     : grouped(r.asked.apps) + " apps of the emulator";
    out += ", " + grouped(r.asked.in_flight) + " calls in flight\n";
    const std::string more = r.all.count() > r.asked.calls
                                 ? ", " + grouped(r.all.count() - r.asked.calls) + " of them to cross refreshes"
                                 : "";
    out += line("calls", grouped(r.all.count()) + " in " + fixed(r.seconds, 2) + " s" + more);
    out += line("calls per second", grouped(static_cast<std::uint64_t>(r.calls_per_second())));
    out += line("failures", grouped(r.failures));
    out += line("token requests", grouped(r.token_requests));
    out += line("refreshes crossed", grouped(r.refreshes));
    out += line("connections", grouped(r.client.connections));
    out += line("resumed handshakes", grouped(r.client.resumed_handshakes));
    out += line("client CPU", cpu_words(r));
    out += "\n  " + left("latency", 20) + right("calls", 11) + right("p50", 13) + right("p99", 13) + right("max", 13) +
           "\n";
    out += row("all calls", r.all) + row("cold start", r.cold_start) + row("during a refresh", r.during_refresh) +
           row("otherwise", r.otherwise);
    const auto ratio = r.p99_ratio();
    out += "\n  " +
           (ratio ? "p99 during a refresh : p99 otherwise = " + fixed(*ratio, 2)
                  : std::string("no p99 to compare: no warm calls during a refresh, or none outside one")) +
           "\n";
    return out;
}

std::string as_json(const report& r) {
    const auto ratio = r.p99_ratio();
    std::string out = "{" + member("emulator", r.asked.real() ? "false" : "true");
    const auto add = [&](const char* name, const std::string& value) { out += "," + member(name, value); };
    add("apps", std::to_string(r.asked.real() ? r.asked.urls.size() : r.asked.apps));
    add("in_flight", std::to_string(r.asked.in_flight));
    add("threads", std::to_string(r.asked.threads));
    add("calls", std::to_string(r.all.count()));
    add("failures", std::to_string(r.failures));
    add("token_requests", std::to_string(r.token_requests));
    add("refreshes", std::to_string(r.refreshes));
    add("connections", std::to_string(r.client.connections));
    add("resumed_handshakes", std::to_string(r.client.resumed_handshakes));
    add("seconds", fixed(r.seconds, 3));
    add("calls_per_second", fixed(r.calls_per_second(), 1));
    add("client_cpu_seconds", fixed(r.client_cpu, 3));
    add("latency", object(r.all));
    add("cold_start", object(r.cold_start));
    add("during_refresh", object(r.during_refresh));
    add("otherwise", object(r.otherwise));
    add("p99_ratio", ratio ? fixed(*ratio, 3) : "null");
    return out + "}\n";
}

}  // namespace demo
