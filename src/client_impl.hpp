// One call from its entry to its outcome: token, request head, exchange, who answered, again or not.
#pragma once

#include <apps/host_guard.hpp>
#include <core/retry_policy.hpp>
#include <dbxapps/client.hpp>
#include <net/engine.hpp>
#include <token_cache_impl.hpp>

#include <atomic>
#include <memory>
#include <string>

namespace dbxapps {

struct call_errand;

class client::impl final : public std::enable_shared_from_this<impl> {
public:
    static std::shared_ptr<impl> make(asio::any_io_executor, std::shared_ptr<token_cache>, client_options);
    impl(net::loop, std::shared_ptr<token_cache>, client_options, std::shared_ptr<net::engine>);

    // From a coroutine of any context.
    static asio::awaitable<result<response>> call(std::shared_ptr<impl>, request);

    const std::shared_ptr<token_cache>& tokens() const noexcept { return tokens_; }
    client_counters counters() const noexcept;
    void retire() { engine_->retire(); }
    void close() noexcept {
        engine_->close();
        token_waits_->stop();
    }

private:
    // A request that has passed every check, and what the rules have to know about it.
    struct prepared {
        text::url to;
        std::shared_ptr<token_cache> tokens;
        time_point deadline;
    };
    static asio::awaitable<result<response>> attempts(std::shared_ptr<impl>, const request&, const prepared&);
    static asio::awaitable<result<response>> call_from_elsewhere(std::shared_ptr<impl>, const request&,
                                                                 const prepared&);
    std::weak_ptr<call_errand> send_errand(std::shared_ptr<net::delivery<result<response>>> outcome, const request&,
                                           const prepared&);
    static asio::awaitable<void> run_errand(std::shared_ptr<impl>, std::shared_ptr<call_errand>, request, prepared);
    result<prepared> check(const request&, time_point deadline) const;
    result<response> count(result<response>, const request&) noexcept;
    net::wire_request serialise(const request&, const prepared&, const token&) const;

    const net::loop loop_;
    const std::shared_ptr<token_cache> tokens_;
    const client_options options_;
    const std::shared_ptr<net::engine> engine_;
    const std::shared_ptr<net::stops> token_waits_ = std::make_shared<net::stops>();
    const apps::host_guard guard_;
    const std::string user_agent_;
    std::atomic<std::uint64_t> calls_{0}, failures_{0}, in_flight_{0}, replays_{0};
};

}  // namespace dbxapps
