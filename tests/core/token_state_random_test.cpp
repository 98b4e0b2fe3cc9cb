// Random histories of the token machine. A bystander that knows only the laws checks them after every event.
#include <core/token_state.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <string>

namespace dbxapps::core {
namespace {

using namespace std::chrono_literals;
using kind = token_action::kind;
using rejection = token_state::rejection;

struct broken_law {
    std::string text;
};
void law(bool kept, const char* text) {
    if (!kept) throw broken_law{text};
}

// How often the histories came to the places that matter, so that a test of nothing fails.
struct tally {
    int served = 0, failed = 0, closed = 0, stored = 0, later = 0, gave_up = 0, forgot = 0, ignored = 0, quiet_ends = 0;
    int background = 0, failed_refreshes = 0, older_answers = 0, refused = 0, in_memory = 0, kept = 0;
};

class dice {
public:
    explicit dice(std::uint64_t seed) : engine_(seed) {}
    std::uint64_t bits() { return engine_(); }
    int below(int end) { return static_cast<int>(engine_() % static_cast<unsigned>(end)); }
    bool one_in(int n) { return below(n) == 0; }
    duration of(std::initializer_list<duration> choices) {
        return choices.begin()[below(static_cast<int>(choices.size()))];
    }
    duration up_to(duration most) {
        return duration(static_cast<duration::rep>(engine_() % static_cast<std::uint64_t>(most.count() + 1)));
    }
    duration any_size() {  // from 1 ns to 3 hours, every magnitude as likely
        duration most(10);
        for (int magnitude = below(13); magnitude > 0; --magnitude)
            most *= 10;
        return up_to(most) + 1ns;
    }
    std::optional<duration> life() {
        switch (below(10)) {
            case 0: return std::nullopt;
            case 1: return duration(0);
            case 2: return -any_size();
            case 3: return 20000h;
            case 4: return 1h;
            default: return any_size();
        }
    }
    std::uint64_t jitter() { return one_in(4) ? 0 : one_in(3) ? ~std::uint64_t{0} : bits(); }

private:
    std::mt19937_64 engine_;
};

token_rules any_rules(dice& d) {
    token_rules rules;
    if (d.one_in(2)) return rules;
    rules.margin = d.of({0s, 1s, 30s, 10min});
    rules.lead = d.of({0s, 10s, 20min, 3h});
    rules.refresh_pause = d.of({1ms, 1s, 1min, 1h});
    rules.failure_memory = d.of({0s, 1ms, 1s, 1min});
    rules.longest_rest = d.of({0s, 1s, 1min, 1h});
    rules.retry_first = d.of({0s, 1ms, 1s, 20s});
    rules.retry_within = d.of({0s, 1s, 60s, 1h});
    rules.refusal_first = d.of({1s, 1min});
    rules.refusal_max = d.of({1min, 10min, 2h});
    rules.forced_floor = d.of({0s, 1s, 30s, 1h});
    return rules;
}

// One machine, its driver and the bystander's notes. The jitter is the machine's secret: of a moment that depends on it
// the notes hold the earliest and the latest.
class history {
public:
    history(dice& d, tally& t) : dice_(d), tally_(t), rules_(any_rules(d)), machine_(rules_) {}

    bool closed() const { return closed_; }
    const token_actions& last_actions() const { return actions_; }

    void step() {
        actions_.clear();
        pass_time();
        leave_late();
        check_rest();
        one_event();
        check_rest();
    }

private:
    struct token {
        bool eternal;
        bool only_one = false;
        generation gen = 0;
        time_point expires = time_point::max(), usable_until = expires, due_first = expires, due_last = expires;
        duration pause_least{}, pause_most{};
    };
    struct flight {
        flight_id id;
        bool asking = true;
        time_point next_try{};
        std::optional<time_point> waited_for_since{};
        duration widest_delay{};
    };

    bool usable() const { return current_ && now_ < current_->usable_until; }
    bool answers(flight_id id) const { return flight_ && flight_->id == id && flight_->asking; }

    void one_event() {
        const int event = !flight_ && dice_.one_in(2) ? 0 : dice_.below(100);
        if (event < 35) return want();
        if (event < 38) return refresh();
        if (event < 43) return leave_one();
        if (event < 58) return fetched(some_flight());
        if (event < 78) return fetch_failed(some_flight());
        if (event < 89) return retry_due(dice_.one_in(20) ? dice_.bits() % 9 : flight_ ? flight_->id : 0);
        if (event < 99 || !dice_.one_in(20)) return reject();
        close();
    }

    flight_id some_flight() {
        if (flight_ && !dice_.one_in(8)) return flight_->id;
        return dice_.one_in(10) ? dice_.bits() : dice_.bits() % (last_flight_ + 2);  // over, or never heard of
    }

    // Either by itself, or to just before, at or after a moment at which something changes.
    void pass_time() {
        if (dice_.one_in(3)) return;
        if (dice_.one_in(3)) return void(now_ += dice_.any_size());
        auto moment = failing_until_;
        const int choice = dice_.below(5);
        if (flight_ && !flight_->asking && choice < 4) moment = flight_->next_try;
        if (current_ && choice == 0) moment = current_->usable_until;
        if (current_ && choice == 1) moment = dice_.one_in(2) ? current_->due_first : current_->due_last;
        if (forced_at_ && choice == 2) moment = *forced_at_ + rules_.forced_floor;
        if (moment >= now_ && moment < now_ + 30000h) now_ = std::max(now_, moment + duration(dice_.below(3) - 1));
    }

    void leave_late() {
        if (dice_.one_in(8)) return;
        for (auto at = waiting_.begin(); at != waiting_.end();) {
            if (at->second > now_) {
                ++at;
                continue;
            }
            machine_.leave(at->first);
            at = waiting_.erase(at);
        }
    }

    void want() {
        if (waiting_.size() > 40) return;
        const auto deadline = now_ + (dice_.one_in(3) ? 2h : dice_.any_size());
        waiting_.emplace(++last_waiter_, deadline);
        const bool due = machine_.refresh_due(now_), flying = flight_.has_value(), could_serve = usable();
        if (!closed_ && !could_serve && now_ < failing_until_) ++tally_.in_memory;
        machine_.want(last_waiter_, deadline, now_, actions_);
        observe();
        law(waiting_.contains(last_waiter_) == !(closed_ || could_serve || now_ < failing_until_), "newcomers");
        if (could_serve) law((flight_.has_value() && !flying) == due, "a refresh starts when it is due");
    }

    void refresh() {
        const bool due = machine_.refresh_due(now_);
        machine_.refresh(now_, actions_);
        law(actions_.size() == (due ? 1U : 0U), "refresh() starts a flight if one is due");
        observe();
    }

    void leave_one() {
        if (waiting_.empty()) return machine_.leave(last_waiter_ + 1);
        const auto gone = std::next(waiting_.begin(), dice_.below(static_cast<int>(waiting_.size())));
        machine_.leave(gone->first);
        waiting_.erase(gone);
    }

    void fetched(flight_id id) {
        const auto life = dice_.life();
        const bool only_one = dice_.one_in(10);
        const bool expected = answers(id);
        machine_.fetched(id, life, only_one, now_, dice_.jitter(), actions_);
        if (!expected) return ignored();
        const bool other_at_last = usable() && current_->only_one && !only_one;
        const bool older =
            usable() && !other_at_last && (current_->eternal || (life && now_ + *life <= current_->expires));
        if (older) ++tally_.older_answers;
        if (older || (life && *life <= 0s)) {
            flight_failed(fetch_fault::failed, std::nullopt);
        } else {
            law(!actions_.empty() && actions_[0].what == kind::store, "a good answer is stored");
            flight_.reset();
            refusal_ = 0s;
            failing_until_ = time_point::min();
            note_token(life);
            current_->only_one = only_one;
        }
        observe();
    }

    void note_token(std::optional<duration> life) {
        current_ = token{.eternal = !life};
        if (!life) return;
        const auto lead = std::min(rules_.lead, *life / 2);
        current_->expires = now_ + *life;
        current_->usable_until = current_->expires - std::min(rules_.margin, *life / 4);
        const auto due = [&](duration before_end) {
            return std::clamp(current_->expires - before_end, now_, current_->usable_until);
        };
        current_->due_first = due(lead * 11 / 10 + 2ns);
        current_->due_last = due(lead * 9 / 10 - 2ns);
        const auto pause = [&](time_point from) {
            return std::min(rules_.refresh_pause, (current_->usable_until - from) / 4);
        };
        current_->pause_least = pause(current_->due_last);
        current_->pause_most = pause(current_->due_first);
    }

    void fetch_failed(flight_id id) {
        const auto fault = dice_.one_in(6)   ? fetch_fault::refused
                           : dice_.one_in(5) ? fetch_fault::failed
                                             : fetch_fault::transient;
        const auto retry_after = dice_.one_in(4) ? std::optional(dice_.any_size()) : std::nullopt;
        const bool expected = answers(id);
        const auto jitter = dice_.jitter();
        machine_.fetch_failed(id, fault, retry_after, now_, jitter, actions_);
        if (!expected) return ignored();
        if (fault == fetch_fault::transient && goes_on(retry_after, jitter)) return;
        flight_failed(fault, retry_after);
        observe();
    }

    void ignored() {
        law(actions_.empty(), "an answer that no fetch asked for is ignored");
        ++tally_.ignored;
    }

    bool goes_on(std::optional<duration> retry_after, std::uint64_t jitter) {
        const bool allowed = !usable() && !waiting_.empty();
        const auto least = std::max<duration>(1ms, retry_after.value_or(0s)),
                   most = std::max(least, flight_->widest_delay);
        auto limit = time_point::min();
        for (const auto& [id, deadline] : waiting_)
            limit = std::max(limit, deadline);
        if (flight_->waited_for_since) limit = std::min(limit, *flight_->waited_for_since + rules_.retry_within);
        if (actions_.size() != 1 || actions_[0].what != kind::fetch_later) {
            law(!allowed || now_ + most >= limit, "a transient fault is retried while there is time");
            return false;
        }
        const auto at = actions_[0].at;
        law(allowed, "a retry is for waiters, with nothing usable, by a grant that may repeat");
        law(actions_[0].flight == flight_->id, "a retry belongs to its flight");
        law(now_ + least <= at && at <= now_ + most, "the delay is jittered within its bounds");
        if (jitter == 0) law(at == now_ + least, "the least delay is used");
        if (jitter == ~std::uint64_t{0}) law(at == now_ + most, "the greatest delay is used, and it doubles");
        law(at < limit, "no retry beyond the limits");
        flight_->asking = false;
        flight_->next_try = at;
        flight_->widest_delay = std::min<duration>(flight_->widest_delay * 2, 100000h);
        ++tally_.later;
        return true;
    }

    void flight_failed(fetch_fault fault, std::optional<duration> retry_after) {
        const duration asked = retry_after.value_or(0s);
        const duration memory = std::max<duration>(rules_.failure_memory, std::min(asked, rules_.longest_rest));
        const duration rest = std::min(asked, rules_.refresh_pause);
        flight_.reset();
        just_failed_ = true;
        if (fault == fetch_fault::refused) {
            ++tally_.refused;
            refusal_ = refusal_ == 0s ? rules_.refusal_first : std::min(refusal_ * 2, rules_.refusal_max);
            failing_until_ = now_ + refusal_;
        } else if (usable()) {
            ++tally_.failed_refreshes;
            background_least_ = now_ + std::max(current_->pause_least, rest);
            background_most_ = now_ + std::max(current_->pause_most, rest);
            current_->due_first = std::max(current_->due_first, background_least_);
            current_->due_last = std::max(current_->due_last, now_ + std::max(current_->pause_most, rest));
        } else {
            failing_until_ = now_ + memory;
        }
    }

    void retry_due(flight_id id) {
        const bool expected = flight_ && flight_->id == id && !flight_->asking;
        machine_.retry_due(id, now_, actions_);
        if (!expected) return ignored();
        law(actions_.size() == (waiting_.empty() ? 0U : 1U), "a retry fetches if anybody waits");
        if (waiting_.empty()) {
            flight_.reset();
            ++tally_.quiet_ends;
        } else {
            law(actions_[0] == token_action{.what = kind::fetch, .flight = id}, "a retry stays in its flight");
            flight_->asking = true;
        }
    }

    void reject() {
        const auto gen = dice_.one_in(3) ? dice_.bits() % (newest_ + 2) : newest_;
        const bool current = usable() && gen == current_->gen;
        const bool accepted = current && (!forced_at_ || now_ - *forced_at_ >= rules_.forced_floor);
        const auto verdict = machine_.reject(gen, now_, actions_);
        const bool only_one = accepted && current_->only_one;
        const auto expected = current && (!accepted || only_one) ? rejection::give_up : rejection::replay;
        law(verdict == expected, "what a rejection leads to");
        if (verdict == rejection::give_up) ++tally_.gave_up;
        const bool may = only_one && !flight_ && now_ >= failing_until_ && now_ >= background_least_;
        const bool acts = only_one ? may && !actions_.empty() : accepted;
        if (may && actions_.empty()) law(now_ < background_most_, "another token is asked for");
        law(actions_.size() == (acts ? 1U : 0U), "only an accepted rejection acts");
        if (!accepted) return;
        forced_at_ = now_;
        if (only_one) {
            if (acts) law(actions_[0].what == kind::fetch, "the only token stays while another is asked for");
            asks_for_another_ = acts;
            observe();
            asks_for_another_ = false;
            ++tally_.kept;
            return;
        }
        rejected_.insert(gen);
        observe();
        law(!current_, "an accepted rejection forgets");
    }

    void close() {
        const auto expected = waiting_.size() + (current_ ? 1U : 0U);
        closed_ = true;
        flight_.reset();
        machine_.close(actions_);
        law(actions_.size() == expected, "close() answers everybody and forgets the token");
        observe();
        law(!current_, "close() forgets");
    }

    void observe() {
        for (const auto& action : actions_) {
            switch (action.what) {
                case kind::serve:
                case kind::fail:
                case kind::fail_closed: on_answer(action); break;
                case kind::fetch: on_fetch(action); break;
                case kind::store: on_store(action); break;
                case kind::forget: on_forget(); break;
                case kind::fetch_later: law(false, "only a failed fetch is tried later"); break;
            }
        }
        if (just_failed_) law(waiting_.empty() && !flight_, "a failed flight answers everybody");
        just_failed_ = false;
    }

    void on_answer(const token_action& action) {
        law(!waiting_.empty() && waiting_.begin()->first == action.waiter,
            "each is answered once, in order of arrival");
        waiting_.erase(waiting_.begin());
        law((action.what == kind::fail_closed) == closed_, "after close() everybody hears so");
        if (action.what == kind::serve) {
            law(usable() && action.gen == current_->gen, "only the current generation is served, with its margin");
            law(!rejected_.contains(action.gen), "a rejected generation is never served");
            ++tally_.served;
        } else if (action.what == kind::fail) {
            law(!usable() && (just_failed_ || now_ < failing_until_), "nobody fails without a failure");
            ++tally_.failed;
        } else {
            ++tally_.closed;
        }
    }

    void on_fetch(const token_action& action) {
        law(!closed_ && !flight_, "at most one flight");
        law(action.flight > last_flight_, "a new flight has a new id");
        law(now_ >= failing_until_, "no fetch while a failure is remembered");
        law(asks_for_another_ || (usable() ? now_ >= current_->due_first : !waiting_.empty()),
            "no fetch before it is due, or for nobody");
        if (usable()) ++tally_.background;
        last_flight_ = action.flight;
        flight_ = {.id = action.flight, .widest_delay = rules_.retry_first};
    }

    void on_store(const token_action& action) {
        law(current_ && current_->gen == 0, "only a good answer is stored, once");
        law(action.gen > newest_, "generations only grow");
        current_->gen = newest_ = action.gen;
        ++tally_.stored;
    }

    void on_forget() {
        law(current_ && (closed_ || rejected_.contains(current_->gen)), "only the rejected or closed forget");
        current_.reset();
        ++tally_.forgot;
    }

    // What holds between events, at any time.
    void check_rest() {
        law(machine_.waiting() == waiting_.size(), "nobody is lost");
        law(machine_.in_flight() == flight_.has_value(), "the flight is where it should be");
        law(machine_.usable(now_) == (usable() ? current_->gen : 0), "usable until the margin");
        const bool due = machine_.refresh_due(now_);
        const bool held_back = now_ < failing_until_ || flight_ || !usable();
        if (due) law(!held_back && now_ >= current_->due_first, "no refresh before it is due");
        if (!held_back && now_ >= current_->due_last) law(due, "a refresh falls due");
        if (waiting_.empty()) return;
        law(flight_ && !closed_ && !usable() && now_ >= failing_until_, "whoever waits has something to wait for");
        if (!flight_->waited_for_since) flight_->waited_for_since = now_;
    }

    dice& dice_;
    tally& tally_;
    token_rules rules_;
    token_state machine_;
    token_actions actions_;
    time_point now_{1000h};
    std::map<waiter_id, time_point> waiting_;  // to their deadlines
    waiter_id last_waiter_ = 0;
    std::optional<token> current_;
    generation newest_ = 0;
    std::set<generation> rejected_;
    std::optional<flight> flight_;
    flight_id last_flight_ = 0;
    time_point failing_until_ = time_point::min();
    duration refusal_{};
    std::optional<time_point> forced_at_;
    time_point background_least_{}, background_most_{};
    bool just_failed_ = false;
    bool asks_for_another_ = false;
    bool closed_ = false;
};

std::string words(const token_actions& actions) {
    std::ostringstream out;
    for (const auto& action : actions)
        out << "; " << action;
    return out.str();
}

void run(std::uint64_t seed, int events, tally& t) {
    dice d(seed);
    std::optional<history> h;
    int after_close = 0;
    for (int event = 0; event < events; ++event) {
        if (!h || (h->closed() && ++after_close > 20)) {
            h.emplace(d, t);
            after_close = 0;
        }
        try {
            h->step();
        } catch (const broken_law& broken) {
            FAIL() << "seed " << seed << ", event " << event << ": " << broken.text << words(h->last_actions());
        }
    }
}

TEST(token_state_random, every_law_holds_after_every_event) {
    tally t;
    for (std::uint64_t seed = 1; seed <= 80 && !HasFatalFailure(); ++seed)
        run(seed, 60000, t);
    const int times[] = {t.served,           t.failed,        t.closed,  t.stored,     t.later,
                         t.gave_up,          t.forgot,        t.ignored, t.quiet_ends, t.background,
                         t.failed_refreshes, t.older_answers, t.refused, t.in_memory,  t.kept};
    for (const int each : times)
        EXPECT_GT(each, 1000) << ::testing::PrintToString(times);
}

}  // namespace
}  // namespace dbxapps::core
