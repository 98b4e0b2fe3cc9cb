#include <net/engine.hpp>

#include <utility>

namespace dbxapps::net {

origin origin_of(const text::url& u) { return {u.host, u.port, u.secure, u.ip_literal}; }

std::string request_head(std::string_view method, const text::url& to, std::string_view fields,
                         std::string_view user_agent, std::string_view authorization,
                         std::optional<std::size_t> content_length) {
    std::string out;
    out.reserve(200 + to.target.size() + fields.size() + authorization.size() + small_body / 16);
    out.append(method).append(" ").append(to.target).append(" HTTP/1.1\r\nHost: ").append(to.authority());
    out.append("\r\nUser-Agent: ").append(user_agent).append("\r\n");
    if (!authorization.empty()) out.append("Authorization: ").append(authorization).append("\r\n");
    out.append(fields);
    if (content_length) out.append("Content-Length: ").append(std::to_string(*content_length)).append("\r\n");
    return out.append("\r\n");
}

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

asio::awaitable<result<lease>> engine::lease_from(std::shared_ptr<connection_pool> pool, connection_pool::grant grant,
                                                  time_point deadline) {
    for (;;) {
        if (auto* refused = std::get_if<failure>(&grant)) co_return std::move(*refused);
        lease got;
        if (auto* wait = std::get_if<connection_pool::waiting_lease>(&grant)) {
            auto came = co_await connection_pool::wait_for_lease(pool, std::move(*wait), deadline);
            if (!came) co_return std::move(came).error();
            got = std::move(*came);
        } else {
            got = std::move(std::get<lease>(grant));
        }
        const auto look = core::judge_checkout(got.idle_for(), options_.reuse);
        if (look == core::checkout_verdict::use) co_return got;
        if (look == core::checkout_verdict::look && got->still_quiet()) co_return got;
        grant = pool->stale(std::move(got), clock::now(), co_await asio::this_coro::executor);
    }
}

asio::awaitable<result<response>> engine::exchange(std::shared_ptr<engine> self, const wire_request& request,
                                                   time_point deadline) {
    if (self->closed()) co_return failure(errc::closed, "closed, or its io_context is gone");
    const auto pool = self->pool_for(request.to);
    const outgoing out{request.head, request.body, request.answers_head, self->options_.limits};
    const auto caller = co_await asio::this_coro::executor;
    auto grant = pool->acquire(clock::now(), caller);
    for (int attempts = 1;; ++attempts) {
        auto leased = co_await self->lease_from(pool, std::move(grant), deadline);
        if (!leased) {
            failure why = leased.error();
            why.attempts = attempts - 1;
            co_return why;
        }
        lease connection = std::move(*leased);
        connection.use();
        auto ended = co_await connection->exchange(out, deadline);
        if (ended.answer) {
            if (connection->reusable(clock::now(), self->options_.reuse)) connection.give_back();
            co_return std::move(*ended.answer);
        }
        const core::resend_facts facts{connection.fresh(),     ended.written, request.repeatable,
                                       ended.response_started, ended.fault,   attempts > 1};
        // A deadline, close() or cancellation is nobody's fault that a new connection could mend.
        if (!ended.why.is(errc::connection_lost) || !core::may_resend(facts)) {
            ended.why.attempts = attempts;
            co_return std::move(ended.why);
        }
        self->resends_.fetch_add(1, std::memory_order_relaxed);
        grant = pool->replace(std::move(connection), clock::now(), caller);
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
