// Whether a call is sent again, and how: the only place that decides it.
//
// Resend: the connection failed us; not counted. Retry: the answer or the network told us to; counted and budgeted.
// Replay: the front door refused this token generation; once.
#pragma once

#include <dbxapps/retry_options.hpp>
#include <dbxapps/time.hpp>

#include <cstdint>
#include <iosfwd>
#include <optional>

namespace dbxapps::core {

// Uniform in [0, most]. `random` is uniform over all 64 bits, here and below.
duration portion_of(duration most, std::uint64_t random) noexcept;
// Full jitter: uniform in [0, min(most, first * 2^doublings)].
duration full_jitter(duration first, int doublings, duration most, std::uint64_t random) noexcept;

// How a connection failed a request, as far as the rule cares.
enum class connection_fault {
    end_of_stream,  // the peer closed: read returned 0, or close_notify
    broken_pipe,    // EPIPE
    reset,          // ECONNRESET
    other,          // anything else: TLS alert, bad framing, deadline ...
};

struct resend_facts {
    bool fresh = false;             // dialled for this request and never used before
    bool written = false;           // at least one byte of the request went to the socket
    bool repeatable = false;        // idempotent by method (RFC 9110 section 9.2.2) or by the caller's word
    bool response_started = false;  // at least one byte of the response above TLS came back
    connection_fault fault = connection_fault::other;
    bool resent_before = false;
};

// Never after a failure on a fresh connection; always if nothing was written; otherwise only if the request may repeat,
// nothing of the response came, and the fault is one of the first three; at most once. The first clause that fits wins.
bool may_resend(const resend_facts&) noexcept;
std::ostream& operator<<(std::ostream&, connection_fault);

// How one attempt ended, for everything beyond the connection.
enum class attempt_outcome {
    answered,         // the app's answer, or a front door's answer that repeating cannot change
    token_refused,    // the front door refused this token generation
    busy,             // 429, 502, 503 or 504: trying later may help
    connect_failed,   // no connection could be made: certainly not sent
    lost_in_transit,  // sent, then lost; resending was not allowed
    failed,           // anything else
};
std::ostream& operator<<(std::ostream&, attempt_outcome);

struct attempt_facts {
    attempt_outcome outcome = attempt_outcome::answered;
    bool repeatable = false;
    bool app_saw_nothing = false;    // the front door's refusal proves that the app has not seen the request
    bool token_replaceable = false;  // the token machine offers a newer generation
    bool replayed_before = false;
    int retries_before = 0;
    std::optional<duration> retry_after{};  // a lower bound for the wait
    duration time_left{};                   // until the call's deadline
};

using retry_rules = retry_options;

// A budget of retries per origin, so that an outage is not multiplied.
class retry_budget {
public:
    explicit retry_budget(const retry_rules&) noexcept;
    void earn() noexcept;   // once per call that went well
    bool spend() noexcept;  // once per retry; false: no retry
    double balance() const noexcept { return balance_; }
    bool full() const noexcept { return balance_ >= burst_; }

private:
    double ratio_;
    double burst_;
    double balance_;
};

struct retry_verdict {
    enum class step {
        stop,            // this is the call's outcome
        again_now,       // send again at once
        again_later,     // send again after `delay`
        with_new_token,  // fetch the newer token, then send again
    };
    step next = step::stop;
    duration delay{};
    bool operator==(const retry_verdict&) const = default;
};
std::ostream& operator<<(std::ostream&, retry_verdict::step);
std::ostream& operator<<(std::ostream&, const retry_verdict&);

// Spends from the budget only when it says again_now or again_later.
retry_verdict judge(const attempt_facts&, const retry_rules&, retry_budget&, std::uint64_t random) noexcept;

}  // namespace dbxapps::core
