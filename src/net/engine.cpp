#include <net/engine.hpp>

#include <net/upload.hpp>

#include <algorithm>
#include <utility>

namespace dbxapps::net {

namespace {

// Tickets of one origin that are worth their memory, two to three KiB each: more are seldom dialled at once.
constexpr std::uint32_t most_sessions = 64;

}  // namespace

origin origin_of(const text::url& u) { return {u.host, u.port, u.secure, u.ip_literal}; }

result<std::shared_ptr<engine>> engine::make(loop where, engine_options options) {
    auto tls = tls_context::make(options.network.tls);
    if (!tls) return std::move(tls).error();
    auto by = proxies::make(options.network.proxy);
    if (!by) return std::move(by).error();
    loop_state& state = where.state();
    auto made = std::make_shared<engine>(std::move(where), std::move(options), std::move(*tls), std::move(*by));
    state.join(std::weak_ptr<loop_member>(std::shared_ptr<loop_member>(made)));
    return made;
}

engine::engine(loop where, engine_options options, std::shared_ptr<tls_context> tls, std::shared_ptr<const proxies> by)
    : loop_(std::move(where)),
      options_(std::move(options)),
      tls_(std::move(tls)),
      proxies_(std::move(by)),
      names_(std::make_shared<name_cache>(options_.network.resolve, options_.network.names_live)) {}

std::shared_ptr<connection_pool> engine::pool_for(const origin& to) {
    std::string key = (to.secure ? "s:" : to.instance_metadata ? "m:" : "p:") + to.words();
    std::lock_guard lock(mutex_);
    auto& pool = pools_[std::move(key)];
    if (!pool) {
        dial_tools tools{loop_, names_, tls_,
                         std::make_shared<tls_sessions>(std::min(options_.pool.max_dials, most_sessions)), proxies_};
        pool = std::make_shared<connection_pool>(to, std::move(tools), options_.pool, options_.network.dial_within,
                                                 counters_);
        if (retired_) pool->retire();
        if (closed_) pool->close();
    }
    return pool;
}

std::vector<std::shared_ptr<connection_pool>> engine::pools() const {
    std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<connection_pool>> out;
    for (const auto& [key, pool] : pools_)
        out.push_back(pool);
    return out;
}

// What the peer said since the last exchange, a goodbye for one, is seen only by looking. A connection that was dialled
// for this caller has no last exchange.
bool engine::fit(lease& got, bool may_repeat) const {
    const auto look = core::judge_checkout(got.idle_for(), may_repeat || got.fresh(), options_.reuse);
    return look == core::checkout_verdict::use || (look == core::checkout_verdict::look && got->still_quiet());
}

bool engine::settled(connection_pool::grant& grant, const wire_request& request) const {
    auto* got = std::get_if<lease>(&grant);
    return got && fit(*got, request.repeatable);
}

// Makes of a grant a lease that is fit for use, or a failure.
asio::awaitable<void> engine::settle(connection_pool& pool, connection_pool::grant& grant, const wire_request& request,
                                     time_point deadline) {
    for (;;) {
        if (auto* wait = std::get_if<connection_pool::waiting_lease>(&grant)) {
            auto came = co_await connection_pool::wait_for_lease(pool.shared_from_this(), std::move(*wait), deadline);
            if (came) {
                grant = std::move(*came);
            } else {
                grant = std::move(came).error();
            }
        }
        if (std::holds_alternative<failure>(grant)) co_return;
        if (settled(grant, request)) break;
        grant = pool.stale(std::move(std::get<lease>(grant)), clock::now(), co_await asio::this_coro::executor);
    }
    // It came while the deadline passed, or the cancellation came: nothing is sent for a caller who has gone.
    const bool cancelled = (co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none;
    const time_point now = clock::now();
    if (!cancelled && now < deadline) co_return;
    std::get<lease>(grant).give_back(now);
    grant = failure(
        cancelled ? errc::cancelled : errc::timed_out,
        std::string(cancelled ? "cancelled" : "its time was over") + " before it was sent to " + pool.where().words());
}

// What is idle for too long is closed when its own origin is called, and else now and then, while any is.
void engine::sweep(time_point now) {
    constexpr duration every = std::chrono::seconds(1);
    auto last = swept_.load(std::memory_order_relaxed);
    if (now.time_since_epoch().count() - last < every.count()) return;
    if (!swept_.compare_exchange_strong(last, now.time_since_epoch().count())) return;
    for (const auto& pool : pools())
        pool->sweep(now);
}

// How the exchange on this lease ended. Left empty when the rule allows to send the request again: then the grant is a
// new one. True: the request may have arrived.
bool engine::ended(connection_pool& pool, connection_pool::grant& grant, const wire_request& request, int attempts,
                   const asio::any_io_executor& caller, std::optional<result<response>>& over, lease* rest) {
    lease& connection = std::get<lease>(grant);
    if (connection->answered()) {
        over.emplace(connection->take_answer());
        if (!connection->complete()) {
            *rest = std::move(connection);
            return true;
        }
        const time_point now = clock::now();
        if (connection->reusable(now, options_.reuse)) connection.give_back(now);
        return true;
    }
    exchange_failure lost = connection->take_failure();
    const core::resend_facts facts{connection.fresh(),    lost.written, request.repeatable,
                                   lost.response_started, lost.fault,   attempts > 1};
    // A deadline, close() or cancellation is nobody's fault that a new connection could mend.
    if (!lost.why.is(errc::connection_lost) || !core::may_resend(facts)) {
        lost.why.attempts = attempts;
        over.emplace(std::move(lost.why));
        return lost.written;
    }
    resends_.fetch_add(1, std::memory_order_relaxed);
    grant = pool.replace(std::move(connection), clock::now(), caller);
    return lost.written;
}

namespace {

// The connection to use, if the grant is one; else `over` is set.
lease* granted(connection_pool::grant& grant, int attempts_before, std::optional<result<response>>& over) {
    if (auto* got = std::get_if<lease>(&grant)) return got;
    auto& why = std::get<failure>(grant);
    why.attempts = attempts_before;
    over.emplace(std::move(why));
    return nullptr;
}

// An earlier attempt may have, whatever the last one did.
void mark_arrived(result<response>& over) {
    if (over || over.error().may_have_arrived) return;
    failure why = std::move(over).error();
    why.may_have_arrived = true;
    over = std::move(why);
}

}  // namespace

// The usual call finds an idle connection and waits once, for its answer. One small frame for all of it: a further one,
// or one of more than 1,020 bytes, costs each call an allocation, so what is large or rare is left to plain functions.
asio::awaitable<void> engine::exchange(std::shared_ptr<engine> self, connection_pool& pool, const wire_request& request,
                                       time_point now, time_point deadline, std::optional<result<response>>& over,
                                       lease* rest) {
    using need = connection::need;
    over.reset();
    self->sweep(now);
    const auto caller = co_await asio::this_coro::executor;
    auto grant = pool.acquire(now, caller);
    bool arrived = false;
    for (int attempts = 1; !over; ++attempts) {
        if (!self->settled(grant, request)) co_await self->settle(pool, grant, request, deadline);
        lease* connection = granted(grant, attempts - 1, over);
        if (!connection) break;
        connection->use();
        {
            class connection& line = **connection;
            const armed until(self->loop_, line.guard(), deadline);
            need what = line.begin(request, self->options_.limits);
            if (request.has_source()) co_await upload(line, request, deadline, what);
            while (what != need::nothing) {
                unsigned ready = 0;
                if ((co_await asio::this_coro::cancellation_state).cancelled() == asio::cancellation_type::none) {
                    ready = co_await line.wait_for(what);
                }
                what = line.came(ready);
            }
        }
        arrived |= self->ended(pool, grant, request, attempts, caller, over, rest);
    }
    if (arrived) mark_arrived(*over);
}

engine_counters engine::counters() const noexcept {
    return {counters_->connections.load(), counters_->resumed.load(), counters_->failed_dials.load(), resends_.load()};
}

void engine::retire() {
    const loop_state::pin pinned(loop_.state());
    if (!pinned) return;
    {
        std::lock_guard lock(mutex_);
        retired_ = true;
    }
    for (const auto& pool : pools())
        pool->retire();
}

// While the context is being destroyed on another thread, its sockets are for that thread to close: see loop_gone().
void engine::close() noexcept {
    const loop_state::pin pinned(loop_.state());
    if (pinned) close_pools();
}

void engine::close_pools() noexcept {
    closed_.store(true);
    for (const auto& pool : pools())
        pool->close();
}

}  // namespace dbxapps::net
