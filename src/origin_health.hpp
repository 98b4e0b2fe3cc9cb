// What all calls of one origin share: the budget of retries, the circuit and the rate. Thread-safe; while all goes well
// and there is no limit of the rate, a call pays no lock.
#pragma once

#include <core/circuit.hpp>
#include <core/hedge.hpp>
#include <core/rate_limit.hpp>
#include <core/retry_policy.hpp>

#include <dbxapps/client_options.hpp>
#include <dbxapps/error.hpp>
#include <origin_counters.hpp>

#include <atomic>
#include <mutex>
#include <optional>

namespace dbxapps {

// What an attempt shows of the app: it was there, it was not, or neither.
enum class reach { up, down, unknown };

class origin_health {
public:
    origin_health(const client_options& o, std::optional<core::rate_limit> rate)
        : rules_(o.retry), budget_(o.retry), circuit_(o.circuit), hedge_(o.hedge), rate_(rate), paced_(rate) {}

    origin_counters counters;
    circuit_state state(time_point now) const;

    // Nothing: the attempt may go. Else what to tell the caller, who has been saved from waiting.
    std::optional<failure> refuses(time_point now);
    // How long the first copy of a request has before a second may go; nothing: no second one. Then: may it go now?
    std::optional<duration> hedge_after() noexcept;
    bool may_hedge() noexcept;
    // How long the next request has to wait for its turn; nothing when that would come too late.
    bool paced() const noexcept { return paced_; }
    std::optional<duration> turn(time_point now, time_point deadline) noexcept;
    void went_well() noexcept {
        if (calm_.load(std::memory_order_relaxed)) return;
        std::lock_guard lock(mutex_);
        circuit_.went_well();
        budget_.earn();
        note();
    }
    // An attempt that did not go well: again, or not? `code`: how it ended, if nothing answered.
    core::retry_verdict judge(const core::attempt_facts&, reach, errc code, time_point began, time_point now,
                              std::uint64_t random) noexcept;

private:
    void note() noexcept { calm_.store(circuit_.calm() && budget_.full(), std::memory_order_relaxed); }

    const core::retry_rules rules_;
    mutable std::mutex mutex_;
    core::retry_budget budget_;
    core::circuit circuit_;
    core::hedge hedge_;
    std::optional<core::rate_limit> rate_;
    const bool paced_;
    errc last_ = errc::connect_failed;
    std::atomic<bool> calm_{true};
};

}  // namespace dbxapps
