// The main job of the library, to watch: many calls to many apps at once, and one token that is refreshed on the way.
#include "../where.hpp"
#include "load.hpp"
#include "options.hpp"
#include "progress.hpp"
#include "report.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <sys/resource.h>

#include <atomic>
#include <cstdio>
#include <exception>
#include <memory>
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

// No core file may hold a token, and emulator and client together need two descriptors for each connection.
void set_limits() {
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
}

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

demo::report run(const demo::options& asked) {
    const place at = place_for(asked);
    asio::io_context io(static_cast<int>(asked.threads));
    const auto tokens = share(io.get_executor(), at.login(), at.token_options());
    const dbxapps::client client(io.get_executor(), tokens, at.client_options());
    sign_in_now(io, tokens);
    demo::load all(client, urls_for(asked, at), asked.calls);

    demo::report out;
    out.asked = asked;
    out.client_cpu = run_load(io, all, asked);
    out.failures = all.failures();
    out.refreshes = all.refreshes();
    out.seconds = std::chrono::duration<double>(all.elapsed()).count();
    out.client = client.counters();
    out.token_requests = at.emulator() ? at.emulator()->count().token_requests : tokens->counters().fetches;
    demo::latency_histogram both;
    both.add(all.during_refresh());
    both.add(all.otherwise());
    out.all = both.summary();
    out.during_refresh = all.during_refresh().summary();
    out.otherwise = all.otherwise().summary();
    if (out.failures != 0) std::fprintf(stderr, "the first failure: %s\n", all.first_failure().c_str());
    return out;
}

int verdict(const demo::report& r) {
    if (r.failures != 0) return failed;
    if (!r.asked.default_sizes() || r.refreshes >= least_refreshes) return ok;
    std::fprintf(stderr, "the run was too short to show anything: it crossed %llu refreshes, not %llu; use --calls\n",
                 static_cast<unsigned long long>(r.refreshes), static_cast<unsigned long long>(least_refreshes));
    return failed;
}

}  // namespace

int main(int argc, char** argv) try {
    set_limits();
    const demo::options asked = demo::parse(std::vector<std::string_view>(argv + 1, argv + argc));
    if (asked.help) {
        std::fwrite(demo::help_text.data(), 1, demo::help_text.size(), stdout);
        return ok;
    }
    const demo::report came = run(asked);
    std::fputs((asked.json ? as_json(came) : as_text(came)).c_str(), stdout);
    return verdict(came);
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
