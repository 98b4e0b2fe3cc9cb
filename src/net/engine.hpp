// Requests over the pools of many origins: everything about connections, nothing about tokens. A client has one, and so
// has the transport of a token cache.
//
// Thread-safe. Work runs on the loop given; callers may be on any context that keeps its coroutines alive meanwhile.
#pragma once

#include <net/connection_pool.hpp>
#include <net/wire_request.hpp>
#include <text/url.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace dbxapps::net {

struct engine_options {
    network_options network;
    core::pool_rules pool;
    core::reuse_limits reuse;
    answer_limits limits;
};

struct engine_counters {
    std::uint64_t connections, resumed, failed_dials, resends;
};

class engine : public loop_member, public std::enable_shared_from_this<engine> {
public:
    // errc::bad_config: TLS options or a proxy that cannot be used.
    static result<std::shared_ptr<engine>> make(loop, engine_options);
    explicit engine(loop, engine_options, std::shared_ptr<tls_context>, std::shared_ptr<const proxies>);

    // The pool of an origin; the same one as long as the engine lives.
    std::shared_ptr<connection_pool> pool_for(const origin&);
    // One request, resent if the rule allows it. What is passed by reference outlives the coroutine, which sets `over`.
    // `rest`: gets the connection of an answer that is streamed and not complete yet.
    static asio::awaitable<void> exchange(std::shared_ptr<engine>, connection_pool&, const wire_request&,
                                          time_point now, time_point deadline, std::optional<result<response>>& over,
                                          lease* rest = nullptr);
    const core::reuse_limits& reuse() const noexcept { return options_.reuse; }

    engine_counters counters() const noexcept;
    const loop& where() const noexcept { return loop_; }
    void retire();  // nobody new will come: nothing stays idle
    void close() noexcept;
    // Ended by anybody who asks, or by the context's own destructor.
    bool closed() const noexcept { return closed_.load(std::memory_order_relaxed); }
    void loop_gone() noexcept override { close_pools(); }

private:
    std::vector<std::shared_ptr<connection_pool>> pools() const;
    void close_pools() noexcept;
    bool fit(lease&, bool may_repeat) const;
    bool settled(connection_pool::grant&, const wire_request&) const;
    asio::awaitable<void> settle(connection_pool&, connection_pool::grant&, const wire_request&, time_point deadline);
    bool ended(connection_pool&, connection_pool::grant&, const wire_request&, int attempts,
               const asio::any_io_executor& caller, std::optional<result<response>>& over, lease* rest);
    void sweep(time_point now);

    const loop loop_;
    const engine_options options_;
    const std::shared_ptr<tls_context> tls_;
    const std::shared_ptr<const proxies> proxies_;
    const std::shared_ptr<name_cache> names_;
    const std::shared_ptr<pool_counters> counters_ = std::make_shared<pool_counters>();
    std::atomic<std::uint64_t> resends_{0};
    std::atomic<bool> closed_{false};
    std::atomic<time_point::rep> swept_{0};  // the last time
    mutable std::mutex mutex_;
    bool retired_ = false;
    std::unordered_map<std::string, std::shared_ptr<connection_pool>> pools_;
};

origin origin_of(const text::url&);

}  // namespace dbxapps::net
