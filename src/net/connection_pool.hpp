// The connections of one origin: carries out what core::pool_state decides.
//
// Thread-safe. The machine is guarded by one short mutex; its actions are carried out after unlocking. Waits belong to
// the caller's context, dials to the pool's. A lease is RAII: unless it is given back, its connection is dropped.
#pragma once

#include <core/pool_state.hpp>
#include <core/reuse_rule.hpp>
#include <net/connection.hpp>
#include <net/delivery.hpp>
#include <net/dialer.hpp>
#include <net/lease.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <variant>
#include <vector>

namespace dbxapps::net {

struct pool_counters {
    std::atomic<std::uint64_t> connections{0};
    std::atomic<std::uint64_t> resumed{0};
    std::atomic<std::uint64_t> failed_dials{0};
};

class connection_pool : public std::enable_shared_from_this<connection_pool> {
public:
    connection_pool(origin, dial_tools, core::pool_rules, duration dial_within, std::shared_ptr<pool_counters>);

    struct wait : delivery<result<lease>> {
        wait(const asio::any_io_executor& receiver, core::pool_waiter number) : delivery(receiver), id(number) {}
        const core::pool_waiter id;
    };
    using waiting_lease = std::shared_ptr<wait>;
    using grant = std::variant<lease, failure, waiting_lease>;
    // The hot path: no coroutine. What it grants as a wait is awaited by wait_for_lease.
    grant acquire(time_point now, const asio::any_io_executor& caller);
    grant stale(lease, time_point now, const asio::any_io_executor& caller);    // found dead before use
    grant replace(lease, time_point now, const asio::any_io_executor& caller);  // failed a request that is sent again
    static asio::awaitable<result<lease>> wait_for_lease(std::shared_ptr<connection_pool>, waiting_lease,
                                                         time_point deadline);

    void sweep(time_point now) noexcept;  // closes what has been idle for too long
    void retire();
    void close() noexcept;
    core::pool_state::counts count() const;
    std::uint64_t resends() const noexcept { return resends_.load(std::memory_order_relaxed); }  // how often replaced
    const origin& where() const noexcept { return origin_; }

private:
    friend class lease;
    friend class dial_report;
    // What has to be done after unlocking.
    struct effects {
        std::vector<std::pair<waiting_lease, result<lease>>> answers;
        std::vector<std::shared_ptr<connection>> drops;
        std::vector<std::pair<core::dial_id, std::shared_ptr<dial_stop>>> dials;
        std::optional<time_point> wake;
    };
    grant settle_for(core::pool_waiter, const asio::any_io_executor& caller, std::unique_lock<std::mutex>&);
    effects collect();  // with the mutex
    void carry_out(effects) noexcept;
    void returned(core::conn_id, bool reusable, time_point now) noexcept;
    void leave(const waiting_lease&) noexcept;
    void dialed(core::dial_id, result<std::shared_ptr<connection>>) noexcept;
    void tick() noexcept;
    lease make_lease(const core::pool_action&);
    core::conn_id place(std::shared_ptr<connection>);
    failure refusal(core::pool_action::kind) const;
    std::string timeout_words() const;
    static asio::awaitable<void> run_dial(std::shared_ptr<connection_pool>, core::dial_id, std::shared_ptr<dial_stop>);
    static asio::awaitable<void> run_nap(std::shared_ptr<connection_pool>, time_point until);

    const origin origin_;
    const dial_tools tools_;
    const duration dial_within_;
    const std::shared_ptr<pool_counters> counters_;
    std::atomic<std::uint64_t> resends_{0};

    mutable std::mutex mutex_;
    core::pool_state machine_;
    core::pool_actions actions_;                            // scratch
    std::vector<std::shared_ptr<connection>> connections_;  // by conn_id
    std::vector<core::conn_id> free_ids_;
    std::unordered_map<core::pool_waiter, waiting_lease> waiting_;
    std::unordered_map<core::dial_id, std::shared_ptr<dial_stop>> dials_;
    core::pool_waiter last_waiter_ = 0;
    failure last_failure_;
    bool closed_ = false;
};

}  // namespace dbxapps::net
