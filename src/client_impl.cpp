#include <client_impl.hpp>

#include <apps/edge_answer.hpp>
#include <core/deadline.hpp>
#include <net/shielded.hpp>
#include <options.hpp>
#include <text/ascii.hpp>
#include <user_agent.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/strand.hpp>

#include <utility>

namespace dbxapps {

using namespace std::chrono_literals;

namespace {

net::engine_options engine_options_for(const client_options& o) {
    net::engine_options out;
    out.network = o.network;
    out.pool.max_connections = o.max_connections;
    out.pool.max_dials = std::min(o.max_dials, o.max_connections);
    out.pool.max_waiting = o.max_waiting;
    out.pool.idle_within = out.reuse.idle_within = o.idle_within;
    out.limits = {o.max_head, o.max_body};
    return out;
}

std::string user_agent_for(const client_options& o) {
    std::string out(product());
    return o.user_agent.empty() ? out : out + " " + o.user_agent;
}

std::string call_words(const request& r, const text::url& to) { return r.method() + " " + to.without_query(); }

failure not_signed_in(const request& r, const text::url& to, const response& answer, bool replayed) {
    failure f(errc::not_signed_in,
              call_words(r, to) + ": the front door of the app does not accept the token (status " +
                  std::to_string(answer.status()) + (answer.status() == 401 ? "" : ", a redirect to the login") + ")" +
                  (replayed ? ", nor a new one" : "") +
                  "; check that it is an OAuth token of the app's own workspace (personal access tokens are refused) "
                  "and that its owner has CAN USE on the app");
    f.status = answer.status();
    f.request_id = std::string(answer.header("x-request-id").value_or(""));
    return f;
}

// Counts a call for as long as its coroutine lives, even if that is destroyed with its io_context.
class in_flight {
public:
    explicit in_flight(std::atomic<std::uint64_t>& n) : n_(n) { n_.fetch_add(1, std::memory_order_relaxed); }
    ~in_flight() { n_.fetch_sub(1, std::memory_order_relaxed); }
    in_flight(const in_flight&) = delete;
    in_flight& operator=(const in_flight&) = delete;

private:
    std::atomic<std::uint64_t>& n_;
};

}  // namespace

// A call that runs on the client's context for a caller on another. All of it belongs to the client's side, and goes
// with its context; the caller keeps the delivery, and a weak pointer for calling it off. Destroyed at whatever stage,
// it answers.
struct call_errand {
    using outcome = net::delivery<result<response>>;

    call_errand(const asio::any_io_executor& ours, std::shared_ptr<outcome> out)
        : strand(asio::make_strand(ours)), to(std::move(out)) {}
    ~call_errand() {
        if (!over) to->deliver(failure(errc::closed, "the client's io_context is gone"));
    }
    call_errand(const call_errand&) = delete;
    call_errand& operator=(const call_errand&) = delete;

    void finish(result<response> r) {
        over = true;
        to->deliver(std::move(r));
    }

    asio::strand<asio::any_io_executor> strand;
    asio::cancellation_signal signal;  // used on the strand only
    bool over = false;                 // likewise
    std::shared_ptr<outcome> to;
};

std::shared_ptr<client::impl> client::impl::make(asio::any_io_executor ex, std::shared_ptr<token_cache> tokens,
                                                 client_options options) {
    validate(options);
    net::loop where(std::move(ex));
    auto engine = net::engine::make(where, engine_options_for(options));
    if (!engine) throw error(engine.error());
    return std::make_shared<impl>(where, std::move(tokens), std::move(options), std::move(*engine));
}

client::impl::impl(net::loop where, std::shared_ptr<token_cache> tokens, client_options options,
                   std::shared_ptr<net::engine> engine)
    : loop_(std::move(where)),
      tokens_(std::move(tokens)),
      options_(std::move(options)),
      engine_(std::move(engine)),
      guard_(options_.allow_hosts),
      user_agent_(user_agent_for(options_)) {}

client_counters client::impl::counters() const noexcept {
    const auto below = engine_->counters();
    client_counters out;
    out.calls = calls_.load();
    out.failures = failures_.load();
    out.in_flight = in_flight_.load();
    out.replays = replays_.load();
    out.resends = below.resends;
    out.connections = below.connections;
    out.resumed_handshakes = below.resumed;
    out.failed_dials = below.failed_dials;
    return out;
}

result<client::impl::prepared> client::impl::check(const request& r, time_point deadline) const {
    if (!r.problem().empty()) return failure(errc::bad_request, r.problem());
    auto to = text::parse_url(r.url());
    if (!to) return to.error();
    auto tokens = r.tokens() ? r.tokens() : tokens_;
    if (!tokens) return failure(errc::bad_config, "the client has no token cache, and the request names none (as())");
    if (auto allowed = guard_.check(*to, tokens->impl_->host()); !allowed) return allowed.error();
    return prepared{std::move(*to), std::move(tokens), deadline};
}

net::wire_request client::impl::serialise(const request& r, const prepared& p, const token& presented) const {
    net::wire_request wire(net::origin_of(p.to));
    const bool sized = r.has_body() || r.method() == "POST" || r.method() == "PUT" || r.method() == "PATCH";
    wire.head = net::request_head(r.method(), p.to, r.headers(), user_agent_, presented.authorization(),
                                  sized ? std::optional(r.body().size()) : std::nullopt);
    if (r.body().size() <= net::small_body) {
        wire.head += r.body();
    } else {
        wire.body = r.body();
    }
    wire.repeatable = r.may_repeat();
    wire.answers_head = r.method() == "HEAD";
    return wire;
}

asio::awaitable<result<response>> client::impl::attempts(std::shared_ptr<impl> self, const request& r,
                                                         const prepared& p) {
    auto& cache = *p.tokens->impl_;
    for (bool replayed = false;; replayed = true) {
        token_ptr presented = cache.try_get(cache.now());
        if (!presented) {
            auto fetched = co_await token_cache::impl::get(cache.shared_from_this(), p.deadline, self->token_waits_);
            if (!fetched) co_return fetched.error();
            presented = std::move(*fetched);
        }
        const net::wire_request wire = self->serialise(r, p, *presented);
        auto answer = co_await net::engine::exchange(self->engine_, wire, p.deadline);
        if (!answer) co_return answer;
        const auto said = apps::read_edge_answer(*answer, cache.host());
        if (said.verdict == apps::edge_verdict::app) co_return answer;

        core::attempt_facts facts;
        facts.outcome = core::attempt_outcome::token_refused;
        facts.repeatable = r.may_repeat();
        facts.app_saw_nothing = said.app_saw_nothing;
        facts.replayed_before = replayed;
        facts.token_replaceable = cache.reject(*presented);
        facts.time_left = p.deadline - clock::now();
        if (!core::may_replay(facts)) {
            co_return not_signed_in(r, p.to, *answer, replayed);
        }
        self->replays_.fetch_add(1, std::memory_order_relaxed);
    }
}

result<response> client::impl::count(result<response> r, const request& sent) noexcept {
    calls_.fetch_add(1, std::memory_order_relaxed);
    if (r) return r;
    failures_.fetch_add(1, std::memory_order_relaxed);
    failure why = r.error();
    const auto to = text::parse_url(sent.url());
    // Every text says first what was tried, against which host.
    if (to && !why.detail.starts_with(sent.method())) why.detail = call_words(sent, *to) + ": " + why.detail;
    return why;
}

asio::awaitable<result<response>> client::impl::call(std::shared_ptr<impl> self, request r) {
    const in_flight counted(self->in_flight_);
    if (self->engine_->closed()) {
        co_return self->count(failure(errc::closed, "the client is closed, or its io_context is gone"), r);
    }
    const duration within = r.within().value_or(self->options_.within);
    const auto p = self->check(r, dbxapps::core::no_later_than(time_point::max(), clock::now(), within));
    if (!p) co_return self->count(p.error(), r);
    if (self->loop_.owns(co_await asio::this_coro::executor)) {
        co_return self->count(co_await attempts(self, r, *p), r);
    }
    co_return self->count(co_await call_from_elsewhere(self, r, *p), r);
}

// The caller's context may be destroyed at any moment, but what waits on our sockets must not be: the call runs on a
// strand of ours, and the caller waits for its outcome at home.
asio::awaitable<result<response>> client::impl::call_from_elsewhere(std::shared_ptr<impl> self, const request& r,
                                                                    const prepared& p) {
    const auto outcome = std::make_shared<call_errand::outcome>(co_await asio::this_coro::executor);
    const auto called_off = self->send_errand(outcome, r, p);
    // However the wait ends, cancelled or destroyed with its context: nobody carries on for a caller who has gone.
    struct walk_away {
        const net::loop& ours;
        const std::weak_ptr<call_errand>& errand;
        call_errand::outcome& to;
        ~walk_away() {
            to.abandon();
            ours.post([weak = errand] {
                if (const auto e = weak.lock()) {
                    asio::dispatch(e->strand, [e] {
                        if (!e->over) e->signal.emit(asio::cancellation_type::terminal);
                    });
                }
            });
        }
    } walk_away{self->loop_, called_off, *outcome};
    const net::stops::wait ended(self->token_waits_, outcome->bell());
    const net::wake why = co_await net::wait_for_bell(outcome->bell(), p.deadline);
    if (why == net::wake::cancelled) co_return failure(errc::cancelled, "the call was cancelled");
    if (auto came = outcome->take()) co_return std::move(*came);
    if (why == net::wake::rung) co_return failure(errc::closed, "the client was closed");
    co_return failure(errc::timed_out, "the deadline passed; check that the client's io_context is being run");
}

std::weak_ptr<call_errand> client::impl::send_errand(std::shared_ptr<net::delivery<result<response>>> outcome,
                                                     const request& r, const prepared& p) {
    const net::loop_state::pin pinned(loop_.state());
    if (!pinned) {
        outcome->deliver(failure(errc::closed, "the client's io_context is gone"));
        return {};
    }
    const auto errand = std::make_shared<call_errand>(loop_.executor(), std::move(outcome));
    loop_.post([self = shared_from_this(), errand, r, p] {
        asio::co_spawn(errand->strand, run_errand(self, errand, r, p),
                       asio::bind_cancellation_slot(errand->signal.slot(), asio::detached));
    });
    return errand;
}

asio::awaitable<void> client::impl::run_errand(std::shared_ptr<impl> self, std::shared_ptr<call_errand> errand,
                                               request r, prepared p) {
    errand->finish(co_await net::shielded(attempts(self, r, p)));
}

}  // namespace dbxapps
