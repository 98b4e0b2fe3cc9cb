// Calls to many hosts by one client while one of them hangs and another refuses: how long those to the others take,
// beside the quiet times in between. Both sorts of time take turns, so that noise of the machine hits both.
#include "ours_client.hpp"
#include "quantiles.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <utility>

namespace bench {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
using asio::ip::tcp;

constexpr auto turn = 250ms;
constexpr auto pause_after_failure = 10ms;  // of a service that does not spin

struct seen {
    latencies quiet, outage;
    std::uint64_t failures = 0;     // of calls to the hosts that are well
    std::uint64_t sick_failed = 0;  // of calls to the other two
    std::uint64_t sick_answered = 0;
};

// Connections to the one are never accepted nor answered, to the other refused.
struct sick_ports {
    explicit sick_ports(asio::io_context& io) : hanging(io), refusing(io, tcp::v4()) {
        const tcp::endpoint any(asio::ip::address_v4::loopback(), 0);
        hanging.open(tcp::v4());
        hanging.bind(any);
        hanging.listen(4096);
        refusing.bind(any);
    }
    tcp::acceptor hanging;
    tcp::socket refusing;
};

// Runs the context until all of a turn's workers are done: dials to the host that hangs go on for longer.
class crew {
public:
    explicit crew(asio::io_context& io) : io_(io) {}
    void add(asio::awaitable<void> worker) {
        ++at_work_;
        asio::co_spawn(io_, std::move(worker), [this](const std::exception_ptr&) {
            if (--at_work_ == 0) io_.stop();
        });
    }
    void run() {
        io_.restart();
        io_.run();
    }

private:
    asio::io_context& io_;
    std::size_t at_work_ = 0;
};

asio::awaitable<void> call_one_that_is_well(dbxapps::client c, std::string url, clock::time_point until,
                                            latencies& took, std::uint64_t& failures) {
    for (auto began = clock::now(); began < until;) {
        const auto answer = co_await c.try_send(request_for(url));
        const auto ended = clock::now();
        took.push_back(ns(ended - began));
        if (!answer || answer->status() != 200) ++failures;
        began = ended;
    }
}

asio::awaitable<void> call_one_that_is_sick(dbxapps::client c, std::string url, clock::time_point until, seen& out) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    while (clock::now() < until) {
        const auto answer = co_await c.try_send(request_for(url).within(until - clock::now() + 1ms));
        answer ? ++out.sick_answered : ++out.sick_failed;
        timer.expires_after(pause_after_failure);
        co_await timer.async_wait(asio::use_awaitable);
    }
}

std::string url_at(const options& o, std::size_t slot, const tcp::endpoint& where) {
    return "https://" + o.host_of(slot) + ":" + std::to_string(where.port()) + o.path;
}

// The hosts of the last two slots are the sick ones; in quiet times nobody calls them.
void take_turn(asio::io_context& io, const dbxapps::client& c, const options& o, const sick_ports* sick, seen& out) {
    const std::size_t workers = std::max<std::size_t>(1, o.in_flight / o.hosts), well = o.hosts - 2;
    const auto until = clock::now() + turn;
    crew all(io);
    for (std::size_t w = 0; w < workers; ++w) {
        if (sick) {
            all.add(call_one_that_is_sick(c, url_at(o, well, sick->hanging.local_endpoint()), until, out));
            all.add(call_one_that_is_sick(c, url_at(o, well + 1, sick->refusing.local_endpoint()), until, out));
        }
        for (std::size_t slot = 0; slot < well; ++slot)
            all.add(call_one_that_is_well(c, url_of(o, slot), until, sick ? out.outage : out.quiet, out.failures));
    }
    all.run();
}

}  // namespace

std::uint64_t run_outage(const options& o, json_line& out) {
    if (o.hosts < 3) throw bad_option("an outage of two hosts needs --hosts of 3 or more");
    asio::io_context io(1);
    const sick_ports sick(io);
    const auto tokens = dbxapps::make_token_cache(io.get_executor(), dbxapps::fixed_token(o.token));
    const dbxapps::client c(io.get_executor(), tokens, client_options_for(o, 64));
    seen warm, s;
    take_turn(io, c, o, nullptr, warm);  // opens the connections
    const auto until =
        clock::now() + std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(o.seconds));
    do {
        take_turn(io, c, o, nullptr, s);
        take_turn(io, c, o, &sick, s);
    } while (clock::now() < until);
    out.add("calls", s.quiet.size() + s.outage.size()).add("failures", warm.failures + s.failures + s.sick_answered);
    out.add("sick_failed", s.sick_failed);
    out.add("p99_quiet_us", quantile_us(s.quiet, 0.99)).add("p99_outage_us", quantile_us(s.outage, 0.99));
    out.add("p50_quiet_us", quantile_us(s.quiet, 0.5)).add("p50_outage_us", quantile_us(s.outage, 0.5));
    return warm.failures + s.failures + s.sick_answered;
}

}  // namespace bench
