// The main job of the library, to watch: many calls to many apps at once, and one token that is refreshed on the way.
#include "../where.hpp"
#include "load.hpp"
#include "options.hpp"
#include "process.hpp"
#include "progress.hpp"
#include "report.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

constexpr int ok = 0, failed = 1, misused = 2;
constexpr std::uint64_t least_refreshes = 2;
constexpr auto token_delay = 150ms;  // a refresh that takes long enough to see what it does to the calls

place place_for(const demo::options& asked) {
    dbxapps::emulator_options emulated;
    emulated.token_life = asked.token_life;
    emulated.token_delay = token_delay;
    return place(asked.real() ? asked.urls.front() : "", emulated);
}

std::vector<std::string> urls_for(const demo::options& asked, const place& at) {
    if (asked.real()) return asked.urls;
    std::vector<std::string> urls;
    for (unsigned n = 1; n <= asked.apps; ++n)
        urls.push_back(at.app("app-" + std::to_string(n)) + "/api/hello");
    return urls;
}

dbxapps::client_options client_options_for(const demo::options& asked, const place& at) {
    dbxapps::client_options out = at.client_options();
    if (asked.real()) return out;
    out.max_connections = asked.connections;
    out.max_dials = std::min(out.max_dials, out.max_connections);
    return out;
}

asio::awaitable<void> sign_in(std::shared_ptr<dbxapps::token_cache> tokens) {
    const auto token = co_await tokens->get(dbxapps::clock::now() + 60s);
    if (!token) throw dbxapps::error(token.error());
}

// The first token comes before the first call: it is a login, no refresh.
void sign_in_now(asio::io_context& io, const std::shared_ptr<dbxapps::token_cache>& tokens) {
    std::exception_ptr thrown;
    asio::co_spawn(io, sign_in(tokens), [&](std::exception_ptr e) { thrown = e; });
    io.run();
    io.restart();
    if (thrown) std::rethrow_exception(thrown);
}

double cpu_seconds_of_this_thread() {
    rusage used{};
    ::getrusage(RUSAGE_THREAD, &used);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

// The CPU time of the client's threads.
double run_load(asio::io_context& io, demo::load& all, const demo::options& asked) {
    std::atomic<double> cpu = 0;
    std::vector<std::jthread> threads;
    all.start(io.get_executor(), asked.in_flight);
    for (unsigned n = 0; n < asked.threads; ++n) {
        threads.emplace_back([&] {
            io.run();
            cpu += cpu_seconds_of_this_thread();
        });
    }
    demo::progress(asked.json ? stderr : stdout).watch(all);
    threads.clear();
    return cpu;
}

void take_latencies(demo::report& out, const demo::load& all) {
    out.cold_start = all.cold_start().snapshot();
    out.during_refresh = all.during_refresh().snapshot();
    out.otherwise = all.otherwise().snapshot();
    for (const auto* each : {&out.cold_start, &out.during_refresh, &out.otherwise})
        out.all += *each;
}

demo::report run(const demo::options& asked, std::uint64_t refreshes_wanted) {
    const place at = place_for(asked);
    asio::io_context io(static_cast<int>(asked.threads));
    const auto tokens = make_token_cache(io.get_executor(), at.login(), at.token_options());
    const dbxapps::client client(io.get_executor(), tokens, client_options_for(asked, at));
    std::fprintf(stderr, "logging in at %s ...\n", at.workspace().c_str());
    sign_in_now(io, tokens);
    demo::load all(client, urls_for(asked, at), asked.calls, refreshes_wanted);

    demo::report out;
    out.asked = asked;
    out.client_cpu = run_load(io, all, asked);
    out.failures = all.failures();
    out.refreshes = all.refreshes();
    out.seconds = std::chrono::duration<double>(all.elapsed()).count();
    out.client = client.counters();
    out.token_requests = at.emulator() ? at.emulator()->count().token_requests : tokens->counters().fetches;
    take_latencies(out, all);
    if (out.failures != 0) std::fprintf(stderr, "the first failure: %s\n", all.first_failure().c_str());
    return out;
}

int verdict(const demo::report& r, std::uint64_t refreshes_wanted) {
    if (r.failures != 0) return failed;
    if (r.refreshes >= refreshes_wanted) return ok;
    std::fprintf(stderr, "dbxapps_demo: the run crossed %llu refreshes, not %llu, though it went on for %lld s\n",
                 static_cast<unsigned long long>(r.refreshes), static_cast<unsigned long long>(refreshes_wanted),
                 static_cast<long long>(demo::load::most_waiting.count()));
    return failed;
}

int demonstrate(demo::options asked) {
    const std::uint64_t refreshes_wanted = asked.default_sizes() ? least_refreshes : 0;
    const std::uint64_t descriptors = demo::raise_descriptors();
    if (!asked.real()) {
        const std::string note = demo::fit(asked, descriptors);
        if (!note.empty()) std::fprintf(stderr, "dbxapps_demo: %s\n", note.c_str());
    }
    const demo::report came = run(asked, refreshes_wanted);
    demo::print(asked.json ? as_json(came) : as_text(came));
    return verdict(came, refreshes_wanted);
}

}  // namespace

int main(int argc, char** argv) try {
    demo::forbid_core_files();
    const bool heard = demo::keep_standard_streams();
    const demo::options asked = demo::parse(std::vector<std::string_view>(argv + 1, argv + argc));
    if (!heard) throw std::runtime_error("the standard output is closed: nobody would see the report");
    if (!asked.help) return demonstrate(asked);
    demo::print(demo::help_text);
    return ok;
} catch (const demo::bad_option& e) {
    std::fprintf(stderr, "dbxapps_demo: %s\n", e.what());
    return misused;
} catch (const dbxapps::error& e) {
    std::fprintf(stderr, "dbxapps_demo: %s\n", e.what());
    return e.why().is(dbxapps::errc::bad_config) ? misused : failed;
} catch (const std::exception& e) {
    std::fprintf(stderr, "dbxapps_demo: %s\n", e.what());
    return failed;
}
