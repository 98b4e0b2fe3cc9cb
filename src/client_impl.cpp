#include <client_impl.hpp>

#include <call_elsewhere.hpp>
#include <core/deadline.hpp>
#include <net/upload.hpp>
#include <options.hpp>
#include <text/ascii.hpp>
#include <user_agent.hpp>

#include <exception>
#include <type_traits>
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

// More origins than that are parsed anew.
constexpr std::size_t most_destinations = 4096;

// Not in the coroutine: its frame would have room for the failure, and be too large.
void refuse(std::optional<result<response>>& out, std::uint64_t most) {
    out.emplace(failure(errc::overloaded, "more than " + std::to_string(most) +
                                              " calls are in flight; wait for some to end, or raise "
                                              "client_options::max_in_flight"));
}

}  // namespace

std::shared_ptr<client::impl> client::impl::make(asio::any_io_executor ex, std::shared_ptr<token_cache> tokens,
                                                 client_options options) {
    if (!ex) throw error(failure(errc::bad_config, "a client needs an executor, and this one is empty"));
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
    out.retries = retries_.load();
    out.hedges = hedges_.load();
    out.resends = below.resends;
    out.connections = below.connections;
    out.resumed_handshakes = below.resumed;
    out.failed_dials = below.failed_dials;
    return out;
}

// What is known of an origin excuses nothing of the rest of the URL.
result<std::shared_ptr<const client::impl::destination>> client::impl::find(std::string_view url,
                                                                            std::string_view origin,
                                                                            std::string_view workspace) {
    if (url.size() <= text::longest_url && text::is_sound(url.substr(origin.size()))) {
        std::lock_guard lock(mutex_);
        if (last_ && last_->written == origin) return last_;
        const auto known = destinations_.find(origin);
        if (known != destinations_.end()) return last_ = known->second;
    }
    auto parsed = text::parse_url(url);
    if (!parsed) return parsed.error();
    if (auto allowed = guard_.check(*parsed, workspace); !allowed) return allowed.error();
    auto made = std::make_shared<destination>();
    made->written = origin;
    made->fixed = net::fixed_fields(*parsed, user_agent_);
    made->plain_fixed = made->fixed.size();
    made->fixed += "Accept-Encoding: gzip, deflate\r\n";
    made->pool = engine_->pool_for(net::origin_of(*parsed));
    made->app = apps::is_app_host(*parsed);
    made->origin = std::move(*parsed);
    std::lock_guard lock(mutex_);
    made->health = health_of(made->origin, made->pool);
    if (destinations_.size() >= most_destinations) destinations_.clear();
    return destinations_.emplace(origin, std::move(made)).first->second;
}

void client::impl::check(const request& r, time_point entered, std::optional<prepared>& checked,
                         std::optional<result<response>>& refused) {
    if (engine_->closed()) {
        refused.emplace(failure(errc::closed, "the client is closed, or its io_context is gone"));
    } else if (!r.problem().empty()) {
        refused.emplace(failure(errc::bad_request, std::string(r.problem())));
    } else if (auto ready = prepare(r, entered, checked.emplace()); !ready) {
        checked.reset();
        refused.emplace(std::move(ready).error());
    }
}

result<void> client::impl::prepare(const request& r, time_point entered, prepared& out) {
    const auto& tokens = r.names_tokens() ? r.tokens() : tokens_;
    if (!tokens) return failure(errc::bad_config, "the client has no token cache, and the request names none (as())");
    out.tokens = tokens->impl_.get();
    const auto [origin, target] = text::split_url(r.url());
    auto to = find(r.url(), origin, out.tokens->host());
    if (!to) return to.error();
    out.to = std::move(*to);
    // Again, for an origin that is known: the token may be another workspace's.
    if (auto allowed = guard_.check(out.to->origin, out.tokens->host()); !allowed) return allowed.error();
    out.counted.begin(out.to->health->counters);
    if (options_.on_attempt || options_.traceparent) watch(r, out);
    out.deadline = core::no_later_than(time_point::max(), entered, r.within().value_or(options_.within));
    out.wire.method = r.method();
    out.wire.target = target;
    out.unpack = options_.unpack && !r.names_coding();
    out.wire.fixed =
        std::string_view(out.to->fixed).substr(0, out.unpack ? std::string_view::npos : out.to->plain_fixed);
    out.wire.fields = r.headers();
    const bool sized = r.has_body() || r.method() == "POST" || r.method() == "PUT" || r.method() == "PATCH";
    if (sized) out.wire.content_length = r.body().size();
    out.wire.body = r.body();
    out.wire.repeatable = r.may_repeat();
    return r.has_source() ? prepare_source(r.source(), out) : result<void>();
}

result<void> client::impl::prepare_source(const std::shared_ptr<body_source>& from, prepared& out) {
    const auto size = net::begin_body(*from);
    if (!size) return size.error();
    out.rare().extra.source = from;
    out.few->extra.closing = waits_;
    out.wire.content_length = *size;
    return {};
}

void client::impl::count(result<response>& r, const request& sent) noexcept {
    calls_.fetch_add(1, std::memory_order_relaxed);
    if (r) return;
    failures_.fetch_add(1, std::memory_order_relaxed);
    r = explained(std::move(r).error(), sent);
}

// Every text says first what was tried, against which host.
failure client::impl::explained(failure why, const request& sent) {
    const auto to = text::parse_url(sent.url());
    if (to && !why.detail.starts_with(sent.method())) why.detail = call_words(sent, *to) + ": " + why.detail;
    return why;
}

// Such a call runs on the client's context as any other.
asio::awaitable<void> client::impl::call_from_elsewhere(impl& self, const request& r, time_point entered,
                                                        std::optional<result<response>>& out) {
    const work_for<response> work = [core = self.shared_from_this(), r, entered] {
        return call<result<response>>(core, r, entered);
    };
    const auto deadline = core::no_later_than(time_point::max(), entered, r.within().value_or(self.options_.within));
    co_await do_elsewhere<response>(self.loop_, self.waits_, deadline, work, out);
}

// The usual case: nothing to wait for.
token_ptr client::impl::ready(const prepared& p, const repeats& so_far, time_point now) {
    if (so_far.wait > duration::zero() || p.to->health->paced()) return nullptr;
    return p.tokens->try_get(p.tokens->now(now));
}

asio::awaitable<void> client::impl::get_ready(impl& self, const prepared& p, const repeats& so_far,
                                              token_ptr& presented, std::optional<result<response>>& out) {
    if (so_far.wait > duration::zero()) co_await back_off(self, so_far.wait, out);
    if (!out && p.to->health->paced()) co_await wait_for_turn(self, p, out);
    if (out) co_return;
    presented = p.tokens->try_get(p.tokens->now(clock::now()));
    if (!presented) co_await wait_for_token(self, p, presented, out);
}

// Sets one of the two.
asio::awaitable<void> client::impl::wait_for_token(impl& self, const prepared& p, token_ptr& out,
                                                   std::optional<result<response>>& refused) {
    auto came = co_await token_cache::impl::get(p.tokens->shared_from_this(), p.deadline, self.waits_);
    if (came) {
        out = std::move(*came);
    } else {
        refused.emplace(std::move(came).error());
    }
}

namespace {

template <class Out>
Out outcome(result<response>& r) {
    if constexpr (std::is_same_v<Out, response>) {
        if (!r) throw error(r.error());
        return std::move(*r);
    } else {
        return std::move(r);
    }
}

}  // namespace

// No coroutine itself: that would be a frame more.
asio::awaitable<void> client::impl::exchange(impl& self, prepared& p, const request& r, const token_ptr& presented,
                                             body_reader* streamed, time_point now,
                                             std::optional<result<response>>& out) {
    self.attempt_begins(p, r);
    p.wire.authorization = presented->authorization();
    if (!presented->workspace_fields().empty()) add_workspace_fields(p, *presented);
    if (streamed) return exchange_head(self, p, r, *streamed, now, out);
    if (self.options_.hedge.on && p.wire.repeatable && !p.wire.has_source()) {
        if (const auto first_has = p.to->health->hedge_after()) {
            return exchange_hedged(self, p, r, presented, *first_has, out);
        }
    }
    return net::engine::exchange(self.engine_, *p.to->pool, p.wire, now, p.deadline, out);
}

template <class Out>
asio::awaitable<Out> client::impl::call(std::shared_ptr<impl> self, request r, time_point entered,
                                        body_reader* streamed) {
    // Cancellation ends waits but throws nothing. That switch belongs to the caller's whole stack of coroutines, so it
    // is put back on every path.
    const bool throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    std::optional<result<response>> out;
    std::exception_ptr thrown;
    const bool counts = entered == time_point() || streamed;
    const in_flight counted(counts ? &self->in_flight_ : nullptr, self->options_.max_in_flight);
    try {
        time_point now = clock::now();
        if (entered == time_point()) entered = now;
        const bool here = self->loop_.owns(co_await asio::this_coro::executor);
        std::optional<prepared> p;
        if (counted.beyond()) refuse(out, self->options_.max_in_flight);
        if (here && !out) self->check(r, entered, p, out);
        if (!here && !out) co_await call_from_elsewhere(*self, r, entered, out);
        repeats so_far;
        while (!out) {
            token_ptr presented = ready(*p, so_far, now);
            if (!presented) {
                co_await get_ready(*self, *p, so_far, presented, out);
                now = clock::now();
                if (!presented) break;
            }
            if (stopped(*p, *presented, now, out)) break;
            co_await exchange(*self, *p, r, presented, streamed, now, out);
            self->judge(out, r, *p, *presented, now, so_far);
            now = clock::now();
        }
        add_up(*out, so_far);
        if (here) self->call_ended(p ? &*p : nullptr, r, *out, now - entered);
        if (counts) self->count(*out, r);
        if (streamed) streamed->keep(std::move(r));
    } catch (...) {
        thrown = std::current_exception();
    }
    co_await asio::this_coro::throw_if_cancelled(throws);
    if (thrown) std::rethrow_exception(thrown);
    co_return outcome<Out>(*out);
}

template asio::awaitable<response> client::impl::call(std::shared_ptr<impl>, request, time_point, body_reader*);
template asio::awaitable<result<response>> client::impl::call(std::shared_ptr<impl>, request, time_point, body_reader*);

}  // namespace dbxapps
