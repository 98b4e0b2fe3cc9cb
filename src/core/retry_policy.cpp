#include <core/retry_policy.hpp>

#include <algorithm>
#include <ostream>

namespace dbxapps::core {

namespace {

__extension__ using wide = unsigned __int128;

// A newer token is to be had, it is the first replay, there is time, and the request may repeat or was proved not to
// have reached the app.
bool may_replay(const attempt_facts& attempt) noexcept {
    return attempt.token_replaceable && !attempt.replayed_before && (attempt.repeatable || attempt.app_saw_nothing) &&
           attempt.time_left > duration::zero();
}

bool may_retry(const attempt_facts& attempt, const retry_rules& rules) noexcept {
    if (attempt.retries_before >= rules.max_retries) return false;
    switch (attempt.outcome) {
        case attempt_outcome::connect_failed: return true;
        case attempt_outcome::busy:
        case attempt_outcome::lost_in_transit: return attempt.repeatable;
        case attempt_outcome::answered:
        case attempt_outcome::token_refused:
        case attempt_outcome::failed: return false;
    }
    return false;
}

}  // namespace

duration portion_of(duration most, std::uint64_t random) noexcept {
    if (most <= duration::zero()) return duration::zero();
    const auto values = static_cast<std::uint64_t>(most.count()) + 1;
    return duration(static_cast<duration::rep>((wide{random} * values) >> 64));
}

duration full_jitter(duration first, int doublings, duration most, std::uint64_t random) noexcept {
    auto span = std::min(first, most);
    for (; doublings > 0 && span > duration::zero() && span < most; --doublings)
        span = span > most / 2 ? most : span * 2;
    return portion_of(span, random);
}

bool may_resend(const resend_facts& facts) noexcept {
    if (facts.fresh) return false;    // not a stale connection, so trying again would not cure it
    if (!facts.written) return true;  // the server cannot have seen anything
    return facts.repeatable && !facts.response_started && facts.fault != connection_fault::other &&
           !facts.resent_before;
}

std::ostream& operator<<(std::ostream& out, connection_fault fault) {
    switch (fault) {
        case connection_fault::end_of_stream: return out << "end of stream";
        case connection_fault::broken_pipe: return out << "broken pipe";
        case connection_fault::reset: return out << "reset";
        case connection_fault::other: return out << "other";
    }
    return out << "unknown";
}

std::ostream& operator<<(std::ostream& out, attempt_outcome outcome) {
    switch (outcome) {
        case attempt_outcome::answered: return out << "answered";
        case attempt_outcome::token_refused: return out << "token refused";
        case attempt_outcome::busy: return out << "busy";
        case attempt_outcome::connect_failed: return out << "connect failed";
        case attempt_outcome::lost_in_transit: return out << "lost in transit";
        case attempt_outcome::failed: return out << "failed";
    }
    return out << "unknown";
}

retry_budget::retry_budget(const retry_rules& rules) noexcept
    : ratio_(rules.budget_ratio), burst_(rules.budget_burst), balance_(rules.budget_burst) {}

void retry_budget::earn() noexcept { balance_ = std::min(burst_, balance_ + ratio_); }

bool retry_budget::spend() noexcept {
    if (balance_ < 1.0) return false;
    balance_ -= 1.0;
    return true;
}

std::ostream& operator<<(std::ostream& out, retry_verdict::step step) {
    switch (step) {
        case retry_verdict::step::stop: return out << "stop";
        case retry_verdict::step::again_now: return out << "again now";
        case retry_verdict::step::again_later: return out << "again later";
        case retry_verdict::step::with_new_token: return out << "with new token";
    }
    return out << "unknown";
}

std::ostream& operator<<(std::ostream& out, const retry_verdict& verdict) {
    out << verdict.next;
    if (verdict.next == retry_verdict::step::again_later) out << " after " << verdict.delay.count() << " ns";
    return out;
}

retry_verdict judge(const attempt_facts& attempt, const retry_rules& rules, retry_budget& budget,
                    std::uint64_t random) noexcept {
    using step = retry_verdict::step;
    if (attempt.outcome == attempt_outcome::token_refused)
        return {may_replay(attempt) ? step::with_new_token : step::stop};
    if (!may_retry(attempt, rules)) return {};
    const auto jitter = full_jitter(rules.first_delay, attempt.retries_before, rules.max_delay, random);
    const auto delay = std::max(jitter, attempt.retry_after.value_or(duration::zero()));
    if (delay >= attempt.time_left || !budget.spend()) return {};
    return delay == duration::zero() ? retry_verdict{step::again_now} : retry_verdict{step::again_later, delay};
}

}  // namespace dbxapps::core
