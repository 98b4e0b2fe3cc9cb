#include <net/engine.hpp>

#include <utility>

namespace dbxapps::net {

origin origin_of(const text::url& u) { return {u.host, u.port, u.secure, u.ip_literal}; }

result<std::shared_ptr<engine>> engine::make(loop where, engine_options options) {
    auto tls = tls_context::make(options.network.tls);
    if (!tls) return std::move(tls).error();
    loop_state& state = where.state();
    auto made = std::make_shared<engine>(std::move(where), std::move(options), std::move(*tls));
    state.join(std::weak_ptr<loop_member>(std::shared_ptr<loop_member>(made)));
    return made;
}

engine::engine(loop where, engine_options options, std::shared_ptr<tls_context> tls)
    : loop_(std::move(where)),
      options_(std::move(options)),
      tls_(std::move(tls)),
      names_(std::make_shared<name_cache>(options_.network.resolve, options_.network.names_live)) {}

std::shared_ptr<connection_pool> engine::pool_for(const origin& to) {
    std::string key = (to.secure ? "s:" : "p:") + to.words();
    std::lock_guard lock(mutex_);
    auto& pool = pools_[std::move(key)];
    if (!pool) {
        dial_tools tools{loop_, names_, tls_, std::make_shared<tls_sessions>(options_.pool.max_dials)};
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

// Looked at again if it lay idle for a while.
bool engine::fit(lease& got) const {
    const auto look = core::judge_checkout(got.idle_for(), options_.reuse);
    return look == core::checkout_verdict::use || (look == core::checkout_verdict::look && got->still_quiet());
}

asio::awaitable<result<lease>> engine::lease_from(connection_pool& pool, connection_pool::grant grant,
                                                  time_point deadline) {
    for (;;) {
        if (auto* refused = std::get_if<failure>(&grant)) co_return std::move(*refused);
        if (auto* wait = std::get_if<connection_pool::waiting_lease>(&grant)) {
            auto came = co_await connection_pool::wait_for_lease(pool.shared_from_this(), std::move(*wait), deadline);
            if (!came) co_return std::move(came).error();
            grant = std::move(*came);
        }
        auto& got = std::get<lease>(grant);
        if (fit(got)) co_return std::move(got);
        grant = pool.stale(std::move(got), clock::now(), co_await asio::this_coro::executor);
    }
}

result<response> engine::answered(lease connection) {
    response out = connection->take_answer();
    const time_point now = clock::now();
    if (connection->reusable(now, options_.reuse)) connection.give_back(now);
    return out;
}

// Nothing: the rule allows to send it again.
std::optional<failure> engine::failed(const lease& connection, const wire_request& request, int attempts) {
    exchange_failure ended = connection->take_failure();
    const core::resend_facts facts{connection.fresh(),     ended.written, request.repeatable,
                                   ended.response_started, ended.fault,   attempts > 1};
    // A deadline, close() or cancellation is nobody's fault that a new connection could mend.
    if (!ended.why.is(errc::connection_lost) || !core::may_resend(facts)) {
        ended.why.attempts = attempts;
        return std::move(ended.why);
    }
    resends_.fetch_add(1, std::memory_order_relaxed);
    return std::nullopt;
}

// The usual call finds an idle connection and waits once, for its answer; one frame for all of it, as every further one
// costs each call an allocation.
asio::awaitable<result<response>> engine::exchange(std::shared_ptr<engine> self, connection_pool& pool,
                                                   const wire_request& request, time_point now, time_point deadline) {
    using need = connection::need;
    if (self->closed()) co_return failure(errc::closed, "closed, or its io_context is gone");
    auto grant = pool.acquire(now, co_await asio::this_coro::executor);
    for (int attempts = 1;; ++attempts) {
        if (auto* idle = std::get_if<lease>(&grant); !idle || !self->fit(*idle)) {
            auto leased = co_await self->lease_from(pool, std::move(grant), deadline);
            if (!leased) {
                failure why = leased.error();
                why.attempts = attempts - 1;
                co_return why;
            }
            grant = std::move(*leased);
        }
        lease connection = std::move(std::get<lease>(grant));
        connection.use();
        {
            const armed until(self->loop_, connection->guard(), deadline);
            need what = connection->begin(request, self->options_.limits);
            while (what != need::nothing) {
                const auto state = co_await asio::this_coro::cancellation_state;
                if (state.cancelled() != asio::cancellation_type::none) {
                    what = connection->call_off();
                } else if (what == need::input) {
                    const auto [ec, bytes] = co_await connection->input();
                    what = connection->received(ec, bytes);
                } else {
                    const auto [ec] = co_await connection->room();
                    what = connection->writable(ec);
                }
            }
        }
        if (connection->answered()) co_return self->answered(std::move(connection));
        if (auto why = self->failed(connection, request, attempts)) co_return std::move(*why);
        grant = pool.replace(std::move(connection), clock::now(), co_await asio::this_coro::executor);
    }
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
