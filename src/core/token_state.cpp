#include <core/deadline.hpp>
#include <core/retry_policy.hpp>
#include <core/token_state.hpp>

#include <algorithm>
#include <ostream>

namespace dbxapps::core {

namespace {

constexpr auto never = time_point::max();

// Stays at `never` where the sum would be beyond it.
time_point later(time_point from, duration by) noexcept { return no_later_than(never, from, by); }

}  // namespace

std::ostream& operator<<(std::ostream& out, fetch_fault fault) {
    switch (fault) {
        case fetch_fault::transient: return out << "transient";
        case fetch_fault::failed: return out << "failed";
        case fetch_fault::refused: return out << "refused";
    }
    return out << "unknown";
}

std::ostream& operator<<(std::ostream& out, token_action::kind what) {
    switch (what) {
        case token_action::kind::serve: return out << "serve";
        case token_action::kind::fail: return out << "fail";
        case token_action::kind::fail_closed: return out << "fail closed";
        case token_action::kind::fetch: return out << "fetch";
        case token_action::kind::fetch_later: return out << "fetch later";
        case token_action::kind::store: return out << "store";
        case token_action::kind::forget: return out << "forget";
    }
    return out << "unknown";
}

std::ostream& operator<<(std::ostream& out, const token_action& action) {
    out << action.what;
    if (action.waiter != 0) out << " waiter " << action.waiter;
    if (action.gen != 0) out << " generation " << action.gen;
    if (action.flight != 0) out << " flight " << action.flight;
    if (action.at != time_point{}) out << " at " << action.at.time_since_epoch().count() << " ns";
    return out;
}

std::ostream& operator<<(std::ostream& out, token_state::rejection rejection) {
    return out << (rejection == token_state::rejection::replay ? "replay" : "give up");
}

token_state::token_state(token_rules rules) : rules_(rules) {}

generation token_state::usable(time_point now) const noexcept { return now < current_.usable_until ? current_.gen : 0; }

bool token_state::refresh_due(time_point now) const noexcept {
    return now >= current_.refresh_at && flight_ == 0 && usable(now) != 0;
}

void token_state::refresh(time_point now, token_actions& out) {
    if (refresh_due(now)) start_flight(out);
    settle(now, out);
}

void token_state::want(waiter_id id, time_point deadline, time_point now, token_actions& out) {
    waiters_.push_back({id, deadline});
    settle(now, out);
    refresh(now, out);
}

void token_state::leave(waiter_id id) noexcept {
    std::erase_if(waiters_, [id](const waiter& each) { return each.id == id; });
}

void token_state::fetched(flight_id flight, std::optional<duration> life, bool only_one, time_point now,
                          std::uint64_t random, token_actions& out) {
    if (flight != flight_ || !asking_) return;
    const auto expires = life ? later(now, *life) : never;
    const bool other_at_last = current_.only_one && !only_one;
    const bool older = usable(now) != 0 && expires <= current_.expires && !other_at_last;
    if (older || expires <= now) {
        fail_flight(fetch_fault::failed, std::nullopt, now, out);
    } else {
        current_ = lifetime_of(++last_gen_, life, now, random);
        current_.only_one = only_one;
        end_flight();
        refusal_ = duration::zero();
        failed_until_.reset();
        out.push_back({.what = token_action::kind::store, .gen = current_.gen});
    }
    settle(now, out);
}

void token_state::fetch_failed(flight_id flight, fetch_fault fault, std::optional<duration> retry_after, time_point now,
                               std::uint64_t random, token_actions& out) {
    if (flight != flight_ || !asking_) return;
    const bool goes_on = fault == fetch_fault::transient && retry_inside(retry_after, now, random, out);
    if (!goes_on) fail_flight(fault, retry_after, now, out);
    settle(now, out);
}

void token_state::retry_due(flight_id flight, time_point now, token_actions& out) {
    if (flight == 0 || flight != flight_ || asking_) return;
    if (waiters_.empty()) {
        end_flight();
    } else {
        ask(out);
    }
    settle(now, out);
}

token_state::rejection token_state::reject(generation gen, time_point now, token_actions& out) {
    if (gen != current_.gen || usable(now) == 0) return rejection::replay;
    if (forced_at_ && now - *forced_at_ < rules_.forced_floor) return rejection::give_up;
    forced_at_ = now;
    if (current_.only_one) {
        if (flight_ == 0 && !failing(now) && now >= background_from_) start_flight(out);
        return rejection::give_up;
    }
    forget(out);
    settle(now, out);
    return rejection::replay;
}

void token_state::close(token_actions& out) {
    closed_ = true;
    end_flight();
    forget(out);
    settle({}, out);
}

void token_state::settle(time_point now, token_actions& out) {
    if (closed_) return answer_all(token_action::kind::fail_closed, 0, out);
    if (const auto gen = usable(now)) return answer_all(token_action::kind::serve, gen, out);
    if (flight_ == 0 && failing(now)) return answer_all(token_action::kind::fail, 0, out);
    if (waiters_.empty()) return;
    if (flight_ == 0) start_flight(out);
    if (!foreground_since_) foreground_since_ = now;
}

void token_state::start_flight(token_actions& out) {
    flight_ = ++last_flight_;
    foreground_since_.reset();
    tries_ = 0;
    ask(out);
}

void token_state::ask(token_actions& out) {
    asking_ = true;
    out.push_back({.what = token_action::kind::fetch, .flight = flight_});
}

void token_state::end_flight() noexcept {
    flight_ = 0;
    asking_ = false;
}

void token_state::fail_flight(fetch_fault fault, std::optional<duration> retry_after, time_point now,
                              token_actions& out) {
    end_flight();
    note_failure(fault, retry_after, now);
    answer_all(token_action::kind::fail, 0, out);
}

void token_state::forget(token_actions& out) {
    if (current_.gen != 0) out.push_back({.what = token_action::kind::forget});
    current_ = {};
}

void token_state::answer_all(token_action::kind what, generation gen, token_actions& out) {
    for (const auto& each : waiters_)
        out.push_back({.what = what, .waiter = each.id, .gen = gen});
    waiters_.clear();
}

bool token_state::failing(time_point now) const noexcept { return failed_until_ && now < *failed_until_; }

time_point token_state::latest_deadline() const noexcept {
    auto latest = time_point::min();
    for (const auto& each : waiters_)
        latest = std::max(latest, each.deadline);
    return latest;
}

bool token_state::retry_inside(std::optional<duration> retry_after, time_point now, std::uint64_t random,
                               token_actions& out) {
    if (waiters_.empty()) return false;  // who waits has nothing usable: see settle()
    const auto jitter = full_jitter(rules_.retry_first, tries_, duration::max(), random);
    const auto delay =
        std::max({jitter, duration(std::chrono::milliseconds(1)), retry_after.value_or(duration::zero())});
    const auto at = later(now, delay);
    if (at >= no_later_than(latest_deadline(), *foreground_since_, rules_.retry_within)) return false;
    ++tries_;
    asking_ = false;
    out.push_back({.what = token_action::kind::fetch_later, .flight = flight_, .at = at});
    return true;
}

void token_state::note_failure(fetch_fault fault, std::optional<duration> retry_after, time_point now) noexcept {
    const auto asked = retry_after.value_or(duration::zero());
    if (fault == fetch_fault::refused) {
        const bool again = refusal_ > duration::zero();
        const auto doubled = refusal_ > rules_.refusal_max / 2 ? rules_.refusal_max : refusal_ * 2;
        refusal_ = again ? doubled : rules_.refusal_first;
        failed_until_ = later(now, refusal_);
        current_.refresh_at = std::max(current_.refresh_at, *failed_until_);
    } else if (usable(now) != 0) {
        background_from_ = later(now, std::max(current_.refresh_pause, std::min(asked, rules_.refresh_pause)));
        current_.refresh_at = std::max(current_.refresh_at, background_from_);
    } else {
        failed_until_ = later(now, std::max(rules_.failure_memory, std::min(asked, rules_.longest_rest)));
    }
}

token_state::lifetime token_state::lifetime_of(generation gen, std::optional<duration> life, time_point now,
                                               std::uint64_t random) const noexcept {
    if (!life) return {.gen = gen, .expires = never, .usable_until = never, .refresh_at = never};
    const auto expires = later(now, *life);
    const auto usable_until = expires - std::min(rules_.margin, *life / 4);
    const auto lead = std::min(rules_.lead, *life / 2);
    const auto jittered = lead - lead / 10 + portion_of(lead / 5, random);
    const auto refresh_at = std::clamp(expires - jittered, now, usable_until);
    const auto pause = std::min(rules_.refresh_pause, (usable_until - refresh_at) / 4);
    return {
        .gen = gen, .expires = expires, .usable_until = usable_until, .refresh_at = refresh_at, .refresh_pause = pause};
}

}  // namespace dbxapps::core
