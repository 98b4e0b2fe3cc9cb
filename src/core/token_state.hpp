// Who refreshes the shared token, who waits, who is served: a pure machine over token generations.
//
// The driver keeps the tokens; the machine knows generation numbers (1, 2, ..; 0 is none) and their lives. Every event
// appends the actions that the driver has to carry out, in order, after unlocking. Not thread-safe: the owner locks.
//
// Laws
//  - At most one flight, ever. Each waiter is answered exactly once, unless it leaves first.
//  - No generation is handed out with less life than its margin: rules.margin, never more than a quarter of its life.
//  - A refresh is due min(rules.lead, life / 2) before the end, give or take 10 % of that; it runs in the background
//    while the old generation is served. A failed one is tried again after rules.refresh_pause, or after a quarter of
//    the time between due and margin where that is shorter (else a short-lived token would get one try only).
//    The pause holds back background tries only: a caller whom nothing usable is left for starts a flight at once.
//  - With no usable generation a transient fault is retried inside the flight: first rules.retry_first, doubling, full
//    jitter, Retry-After as a lower bound, until the latest deadline of those who wait, rules.retry_within at most.
//    What must not be repeated (a refresh_token grant) is reported as failed. A try that could not start before both
//    limits is not waited for: the flight fails.
//  - A failed flight answers everybody who waited, once, and for rules.failure_memory those who come after; for longer
//    if Retry-After asks for it, rules.longest_rest at most: of those who come, some could wait. Background tries rest
//    as long as it asks, rules.refresh_pause at most.
//  - A permanent refusal stays for rules.refusal_first, doubling up to rules.refusal_max; then one flight probes. Any
//    success ends the doubling.
//  - A rejected generation is never handed out again. A rejection of the current generation is accepted only if the
//    last accepted one is rules.forced_floor or more ago (the first always is); otherwise the generation stays, because
//    a front door that refuses a token just fetched objects to something else, and other apps still accept it. A
//    current generation that is no longer usable needs no forcing: the next want() fetches anyway.
//  - A source may have no other token than the one that was rejected. That is a generation again, for those who accept
//    it, and stays when it is rejected: an accepted rejection only asks the source once more, in the background.
//  - An older answer never replaces a newer one: an answer of a flight that is over is ignored, like one that no
//    fetch asked for, and an answer that expires no later than the usable current generation counts as a failed
//    refresh, unless it is another one than the only one that was rejected.
#pragma once

#include <dbxapps/time.hpp>

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <vector>

namespace dbxapps::core {

using generation = std::uint64_t;
using waiter_id = std::uint64_t;
using flight_id = std::uint64_t;

struct token_rules {
    duration margin = std::chrono::seconds(30);
    duration lead = std::chrono::minutes(20);
    duration refresh_pause = std::chrono::minutes(1);
    duration failure_memory = std::chrono::seconds(1);
    duration longest_rest = std::chrono::seconds(5);
    duration retry_first = std::chrono::seconds(1);
    duration retry_within = std::chrono::seconds(60);
    duration refusal_first = std::chrono::minutes(1);
    duration refusal_max = std::chrono::minutes(10);
    duration forced_floor = std::chrono::seconds(30);
};

enum class fetch_fault {
    transient,  // 429, 502, 503, 504, connection trouble, time-out
    failed,     // anything else that may pass: 500, an answer that makes no sense
    refused,    // for good: invalid_client, invalid_grant ...
};
std::ostream& operator<<(std::ostream&, fetch_fault);

struct token_action {
    enum class kind {
        serve,        // `waiter` gets the token of `gen`
        fail,         // `waiter` gets the failure of the last flight
        fail_closed,  // `waiter` gets errc::closed
        fetch,        // ask the source once for `flight`; report fetched() or fetch_failed()
        fetch_later,  // call retry_due(flight) at `at`
        store,        // the answer just reported is the current token now, as `gen`
        forget,       // drop the current token: it is rejected, or the machine is closed
    };
    kind what;
    waiter_id waiter = 0;
    generation gen = 0;
    flight_id flight = 0;
    time_point at{};
    bool operator==(const token_action&) const = default;
};
std::ostream& operator<<(std::ostream&, token_action::kind);
std::ostream& operator<<(std::ostream&, const token_action&);
using token_actions = std::vector<token_action>;

class token_state {
public:
    explicit token_state(token_rules = {});

    // The current generation if it may be handed out at `now`, else 0. Changes nothing.
    generation usable(time_point now) const noexcept;
    // Would refresh() start a flight at `now`? Changes nothing. Never true when usable() is 0.
    bool refresh_due(time_point now) const noexcept;
    void refresh(time_point now, token_actions&);

    // `waiter` wants a token until `deadline`: it is served, failed, or waits. Ids are the driver's, unique while
    // waiting.
    void want(waiter_id waiter, time_point deadline, time_point now, token_actions&);
    void leave(waiter_id waiter) noexcept;  // timed out or cancelled; unknown ids are ignored

    // The source answered. `life` is counted from now; nullopt: it never expires. `only_one`: the very token that was
    // rejected came back.
    void fetched(flight_id, std::optional<duration> life, bool only_one, time_point now, std::uint64_t random,
                 token_actions&);
    void fetch_failed(flight_id, fetch_fault, std::optional<duration> retry_after, time_point now, std::uint64_t random,
                      token_actions&);
    // The wait of fetch_later is over: fetches again, or ends the flight if nobody waits any more.
    void retry_due(flight_id, time_point now, token_actions&);

    enum class rejection {
        replay,   // a newer generation is there, or the next want() fetches one
        give_up,  // the caller gets the refusal as its answer
    };
    rejection reject(generation, time_point now, token_actions&);

    void close(token_actions&);  // fails all waiters; every later want() ends as fail_closed

    bool in_flight() const noexcept { return flight_ != 0; }
    std::size_t waiting() const noexcept { return waiters_.size(); }

private:
    struct waiter {
        waiter_id id;
        time_point deadline;
    };
    struct lifetime {
        generation gen = 0;  // 0: none
        time_point expires{};
        time_point usable_until{};  // expires less the margin
        time_point refresh_at{};    // with jitter; later after a failed try
        duration refresh_pause{};
        bool only_one = false;  // the source has no other
    };

    void settle(time_point now, token_actions&);  // every event ends here
    void start_flight(token_actions&);
    void ask(token_actions&);
    void end_flight() noexcept;
    void fail_flight(fetch_fault, std::optional<duration> retry_after, time_point now, token_actions&);
    void forget(token_actions&);
    void answer_all(token_action::kind, generation, token_actions&);
    bool failing(time_point now) const noexcept;  // a remembered failure answers newcomers
    time_point latest_deadline() const noexcept;
    bool retry_inside(std::optional<duration> retry_after, time_point now, std::uint64_t random, token_actions&);
    void note_failure(fetch_fault, std::optional<duration> retry_after, time_point now) noexcept;
    lifetime lifetime_of(generation, std::optional<duration> life, time_point now, std::uint64_t random) const noexcept;

    token_rules rules_;
    lifetime current_;
    generation last_gen_ = 0;
    flight_id flight_ = 0;  // 0: none
    flight_id last_flight_ = 0;
    bool asking_ = false;                         // the flight waits for the source, not for its next try
    std::optional<time_point> foreground_since_;  // when somebody began to wait for the flight
    int tries_ = 0;                               // failed tries of this flight, for the back-off
    std::vector<waiter> waiters_;                 // in order of arrival
    std::optional<time_point> failed_until_;      // newcomers get the last failure until then
    duration refusal_{};                          // the stay of the last refusal; zero: none in a row
    std::optional<time_point> forced_at_;         // the last accepted rejection
    time_point background_from_{};                // no background try before
    bool closed_ = false;
};
std::ostream& operator<<(std::ostream&, token_state::rejection);

}  // namespace dbxapps::core
