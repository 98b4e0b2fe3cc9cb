// Carries out what core::token_state decides about one shared token. See token_cache.hpp for what it promises.
#pragma once

#include <core/token_state.hpp>
#include <dbxapps/token_cache.hpp>
#include <net/delivery.hpp>
#include <net/engine_transport.hpp>
#include <net/stops.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <random>
#include <unordered_map>
#include <variant>

namespace dbxapps {

namespace asio = boost::asio;

class token_cache::impl final : public net::loop_member, public std::enable_shared_from_this<impl> {
public:
    static std::shared_ptr<impl> make(asio::any_io_executor, std::unique_ptr<token_source>, token_options);
    impl(net::loop, std::unique_ptr<token_source>, token_options, std::shared_ptr<net::engine>);

    // `ends` closes this wait, and not the cache.
    static asio::awaitable<result<token_ptr>> get(std::shared_ptr<impl>, time_point deadline,
                                                  std::shared_ptr<net::stops> ends = nullptr);
    token_ptr try_get(time_point now) noexcept;
    // Will asking again give another token than this one?
    bool reject(const token&) noexcept;
    bool refreshing() const noexcept;
    time_point now() const { return now(clock::now()); }
    time_point now(time_point real) const { return options_.clock ? options_.clock() : real; }
    const std::string& host() const noexcept { return host_; }
    token_counters counters() const noexcept;
    void close() noexcept;
    void loop_gone() noexcept override { close(); }

private:
    using answer = net::delivery<result<token_ptr>>;
    using grant = std::variant<token_ptr, failure, std::shared_ptr<answer>>;
    friend class flight_report;
    // What has to be done after unlocking.
    struct effects {
        std::vector<std::pair<std::shared_ptr<answer>, result<token_ptr>>> answers;
        core::flight_id fetch = 0;
        std::optional<time_point> fetch_later;
    };
    grant ask(core::waiter_id, time_point deadline, const asio::any_io_executor& caller);
    effects collect(const token_ptr& fetched = nullptr);  // with the mutex
    result<token_ptr> answer_for(const core::token_action&) const;
    void carry_out(effects) noexcept;
    void take_off(core::flight_id) noexcept;
    void leave(core::waiter_id, answer&) noexcept;
    std::string what_it_waits_for() const;
    effects landed(core::flight_id, result<token>);
    effects failed(core::flight_id, failure);
    asio::awaitable<result<token>> try_source();
    static asio::awaitable<void> fly(std::shared_ptr<impl>, core::flight_id);

    const net::loop loop_;
    const std::unique_ptr<token_source> source_;
    const token_options options_;
    const std::shared_ptr<net::engine> engine_;
    net::engine_transport transport_;
    const std::string host_;
    const net::bell hurry_;  // ends the wait before another try

    mutable std::mutex mutex_;
    core::token_state machine_;
    core::token_actions actions_;  // scratch
    token_ptr current_;
    token_ptr rejected_;  // the last one
    std::unordered_map<core::waiter_id, std::shared_ptr<answer>> waiting_;
    core::waiter_id last_waiter_ = 0;
    failure last_failure_;
    bool asking_ = false;  // the source is at work
    std::mt19937_64 random_;
    token_counters counters_;
    std::atomic<bool> closed_{false};
};

}  // namespace dbxapps
