// This library, as a service uses it: one client, one shared token, client.send for every call.
#include "ours_client.hpp"
#include "peer.hpp"

#ifdef DBXAPPS_COUNT_ALLOCATIONS
#include "allocations.hpp"
#endif

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace {

using namespace bench;
namespace asio = boost::asio;

constexpr auto idle_in_fanout = std::chrono::milliseconds(50);  // longer than a call waits for the last one of its pass

class our_peer : public peer {
public:
    explicit our_peer(const options& o);
    void run(work&, std::size_t in_flight) override;
    // In a fan-out connections are too old for the second pass, which therefore closes them.
    void drop() override { rest(2 * idle_in_fanout); }
    std::optional<std::uint64_t> resumed() const override { return client_.counters().resumed_handshakes; }
    void report(json_line&, const work&) const override;
    std::uint64_t run_special(const options& o, json_line& out) override {
        if (o.what == command::outage) return run_outage(o, out);
        return o.what == command::storm ? run_storm(o, out) : run_threads(o, out);
    }

private:
    asio::awaitable<void> keep_calling(work&, std::size_t first);
    static dbxapps::client_options client_options(const options&);

    options asked_;
    asio::io_context io_{1};
    std::shared_ptr<dbxapps::token_cache> tokens_;
    dbxapps::client client_;
    std::vector<std::string> urls_;
    bool opened_ = false;
};

dbxapps::client_options our_peer::client_options(const options& o) {
    auto out = client_options_for(o, static_cast<std::uint32_t>(std::min<std::size_t>(o.slots(), 65'535)));
    if (o.what == command::fanout) out.idle_within = o.closes_each() ? dbxapps::duration::zero() : idle_in_fanout;
    if (!o.remember_chains) out.network.tls.chains_live = dbxapps::duration::zero();
    if (o.what == command::idle) out.max_dials = out.max_connections;
    if (o.what == command::idle) out.network.dial_within = std::chrono::seconds(60);
    return out;
}

our_peer::our_peer(const options& o)
    : asked_(o),
      tokens_(dbxapps::make_token_cache(io_.get_executor(), dbxapps::fixed_token(o.token))),
      client_(io_.get_executor(), tokens_, client_options(o)) {
    for (std::size_t n = 0; n < o.slots(); ++n)
        urls_.push_back(url_of(o, n));
}

asio::awaitable<void> our_peer::keep_calling(work& w, std::size_t first) {
    for (std::size_t n = w.next(first); n != work::none; n = w.next(n)) {
        try {
            auto answer = co_await client_.send(request_for(urls_[n]));
            answer.status() == 200 ? w.succeeded(answer.body().size()) : w.failed("the status is not 200");
        } catch (const dbxapps::error& e) {
            w.failed(e.what());
        }
    }
}

void our_peer::report([[maybe_unused]] json_line& out, [[maybe_unused]] const work& w) const {
#ifdef DBXAPPS_COUNT_ALLOCATIONS
    const auto of_calls = allocations_counted();
    const auto now = tokens_->now();
    constexpr int looks = 1000;
    for (int n = 0; n < looks; ++n)
        if (!tokens_->try_get(now)) throw std::runtime_error("there is no token");
    out.add("allocations_per_token_hit", static_cast<double>(allocations_counted() - of_calls) / looks);
    out.add("allocations_per_call", static_cast<double>(of_calls) / static_cast<double>(w.calls()));
#endif
}

void our_peer::run(work& w, std::size_t in_flight) {
    // The pool opens a connection for each call that waits, so all are made to wait at once.
    if (asked_.what == command::idle && !std::exchange(opened_, true)) in_flight = asked_.connections;
#ifdef DBXAPPS_COUNT_ALLOCATIONS
    if (asked_.what == command::calls) count_allocations_from_now_on();
#endif
    for (std::size_t n = 0; n < in_flight; ++n)
        asio::co_spawn(io_, keep_calling(w, n), asio::detached);
    io_.restart();
    io_.run();
}

}  // namespace

int main(int argc, char** argv) {
    return run_peer(argc, argv,
                    [](const options& o) -> std::unique_ptr<peer> { return std::make_unique<our_peer>(o); });
}
