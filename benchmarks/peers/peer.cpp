#include "peer.hpp"

#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <exception>

namespace bench {
namespace {

constexpr int ok = 0, failed = 1, misused = 2;
constexpr auto trickle_time = std::chrono::milliseconds(2500);
constexpr auto trickle_pause = std::chrono::milliseconds(20);
constexpr std::size_t trickle_stride = 7919;  // a prime: the calls go all over the slots

void raise_descriptors() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::uint64_t run_many(peer& p, const options& o, json_line& out) {
    work warm_up = work::repeat(o.warm);
    p.run(warm_up, o.in_flight);
    const stopwatch watch;
    work w = o.what == command::load ? work::repeat_for(o.seconds) : work::repeat(o.calls);
    p.run(w, o.in_flight);
    const double seconds = watch.seconds(), cpu = watch.cpu();
    const std::uint64_t failures = warm_up.failures() + w.failures();
    out.add("calls", w.calls()).add("failures", failures).add("seconds", seconds);
    out.add("cpu_seconds", cpu).add("bytes", w.bytes());
    p.report(out, w);
    return failures;
}

std::uint64_t run_pass(peer& p, const options& o, json_line& out) {
    const auto resumed_before = p.resumed();
    const stopwatch watch;
    work w = work::each(0, o.hosts);
    p.run(w, std::min(o.in_flight, o.hosts));
    const double seconds = watch.seconds(), cpu = watch.cpu();
    out.add("seconds", seconds).add("cpu_seconds", cpu).add("failures", w.failures());
    if (resumed_before) out.add("resumed", *p.resumed() - *resumed_before);
    return w.failures();
}

std::uint64_t run_fanout(peer& p, const options& o, json_line& out) {
    json_line first, second;
    std::uint64_t failures = run_pass(p, o, first);
    p.drop();
    failures += run_pass(p, o, second);
    out.add("first", first).add("second", second);
    return failures;
}

std::uint64_t run_trickle(peer& p, const options& o) {
    if (!o.trickle) {
        p.rest(trickle_time);
        return 0;
    }
    std::uint64_t failures = 0;
    const auto start = clock::now();
    for (auto next = start; next < start + trickle_time; next += trickle_pause) {
        const std::size_t slot = static_cast<std::size_t>((next - start) / trickle_pause) * trickle_stride;
        work one = work::each(slot % o.connections, slot % o.connections + 1);
        p.run(one, 1);
        failures += one.failures();
        const auto now = clock::now();
        if (now < next + trickle_pause) p.rest(next + trickle_pause - now);
    }
    return failures;
}

std::uint64_t run_idle(peer& p, const options& o, json_line& out) {
    const std::uint64_t before = resident_kib();
    work opening = work::each(0, o.connections);
    p.run(opening, std::min(o.in_flight, o.connections));
    const std::uint64_t failures = opening.failures() + run_trickle(p, o);
    ::malloc_trim(0);  // what is free already is not the connections' any more, for none of the peers
    const std::uint64_t after = resident_kib();
    const double grown = static_cast<double>(after) - static_cast<double>(before);
    out.add("connections", o.connections).add("kib_before", before).add("kib_after", after);
    out.add("kib_per_connection", grown / static_cast<double>(o.connections)).add("failures", failures);
    return failures;
}

std::uint64_t run_with(peer& p, const options& o, json_line& out) {
    switch (o.what) {
        case command::fanout: return run_fanout(p, o, out);
        case command::idle: return run_idle(p, o, out);
        case command::storm:
        case command::threads:
        case command::outage: return p.run_special(o, out);
        default: return run_many(p, o, out);
    }
}

int run_command(const options& o, make_peer make) {
    raise_descriptors();
    const auto p = make(o);
    json_line out;
    const std::uint64_t failures = run_with(*p, o, out);
    if (std::puts(out.text().c_str()) < 0 || std::fflush(stdout) != 0) return failed;
    return failures == 0 ? ok : failed;
}

}  // namespace

int run_peer(int argc, char** argv, make_peer make) noexcept try {
    const std::vector<std::string_view> arguments(argv + 1, argv + argc);
    if (!arguments.empty() && arguments[0] == "--help") {
        std::fputs(help_text.data(), stdout);
        return ok;
    }
    return run_command(parse(arguments), make);
} catch (const bad_option& e) {
    std::fprintf(stderr, "%s: %s; see --help\n", argv[0], e.what());
    return misused;
} catch (const std::exception& e) {
    std::fprintf(stderr, "%s: %s\n", argv[0], e.what());
    return failed;
}

}  // namespace bench
