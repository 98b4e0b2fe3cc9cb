#include <apps/app_wait.hpp>

#include <core/deadline.hpp>
#include <core/retry_policy.hpp>
#include <text/ascii.hpp>

#include <algorithm>
#include <ostream>
#include <utility>

namespace dbxapps::apps {
namespace {

using namespace std::chrono_literals;
using kind = app_action::kind;

constexpr duration first_delay = 1s, most_delay = 10s;
constexpr duration longest_request = 30s;  // one that hangs is given up while there is time for another

bool is_refusal(const failure& why) { return why.status == 400 || why.status == 409; }

// "STOPPED ('words')"; whatever the workspace wrote.
std::string told(std::string_view what, const std::string& word, const std::string& message) {
    std::string out(what);
    out += word.empty() ? " in no known state" : " " + text::printable(word, 40);
    if (!message.empty()) out += " ('" + text::printable(message, 300) + "')";
    return out;
}

std::string state_words(const app_info& a) {
    return told("compute", a.compute_word, a.compute_message) + ", " + told("app", a.app_word, a.app_message);
}

// Nothing but help from outside gets it out of there. What the program did before its machine went down says nothing.
bool is_dead_end(const app_info& a, app_goal goal) {
    if (a.compute_state == app_compute_state::error || a.compute_state == app_compute_state::deleting) return true;
    return goal != app_goal::stopped && a.compute_state == app_compute_state::active &&
           a.app_state == application_state::crashed;
}

std::string advice_for(const app_info& a, app_goal goal) {
    if (a.compute_state == app_compute_state::deleting) return "it is being deleted; create it again";
    if (goal == app_goal::stopped) return "ask the workspace's administrator";
    if (a.app_state == application_state::crashed) return "read its log (/logz), and deploy it again";
    return "stop and start it; if that does not help, ask the workspace's administrator";
}

std::string seconds_text(duration d) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(d).count();
    return ms % 1000 == 0 ? std::to_string(ms / 1000) + " s" : std::to_string(ms) + " ms";
}

}  // namespace

std::ostream& operator<<(std::ostream& out, app_action::kind what) {
    switch (what) {
        case kind::command: return out << "command";
        case kind::ask: return out << "ask";
        case kind::wait: return out << "wait";
        case kind::done: return out << "done";
        case kind::fail: return out << "fail";
    }
    return out << "unknown";
}

bool may_pass(const failure& why) noexcept {
    for (const errc e :
         {errc::timed_out, errc::resolve_failed, errc::connect_failed, errc::tls_failed, errc::connection_lost,
          errc::overloaded, errc::token_unavailable, errc::rate_limited, errc::circuit_open}) {
        if (why.is(e)) return true;
    }
    return why.status >= 500;
}

app_wait::app_wait(app_goal goal, std::string who, time_point began, duration within)
    : goal_(goal),
      who_(std::move(who)),
      deadline_(core::no_later_than(time_point::max(), began, within)),
      within_(within),
      commanding_(goal != app_goal::served) {}

app_action app_wait::begin() const { return {commanding_ ? kind::command : kind::ask, {}, {}}; }

app_action app_wait::took() noexcept {
    commanding_ = false;
    answered_ = true;
    return {kind::ask, {}, {}};
}

bool app_wait::reached(const app_info& a) const noexcept {
    return goal_ == app_goal::stopped ? a.compute_state == app_compute_state::stopped : a.serving();
}

bool app_wait::on_its_way(const app_info& a) const noexcept {
    if (goal_ == app_goal::stopped) return a.compute_state == app_compute_state::stopping;
    return a.compute_state == app_compute_state::starting || a.compute_state == app_compute_state::updating ||
           (a.compute_state == app_compute_state::active && a.app_state == application_state::deploying);
}

app_action app_wait::saw(const app_info& a, time_point now, std::uint64_t random) {
    news_ = !last_ || last_->compute_word != a.compute_word || last_->app_word != a.app_word;
    last_ = a;
    answered_ = true;
    trouble_.reset();
    if (reached(a)) return {kind::done, {}, {}};
    if (is_dead_end(a, goal_)) {
        return {kind::fail, {}, failure(errc::app_unavailable, last_words() + "; " + advice_for(a, goal_))};
    }
    if (refused_ && !on_its_way(a)) return {kind::fail, {}, *refused_};
    refused_.reset();
    return later(now, {}, random);
}

app_action app_wait::failed(failure why, time_point now, std::uint64_t random) {
    news_ = false;
    if (commanding_) {
        commanding_ = false;
        if (!is_refusal(why)) return {kind::fail, {}, std::move(why)};
        refused_ = std::move(why);
        answered_ = true;
        return {kind::ask, {}, {}};
    }
    answered_ = answered_ || why.status != 0;
    // A workspace that never answered may be misspelt.
    if (!may_pass(why) || (!answered_ && now < deadline_)) return {kind::fail, {}, std::move(why)};
    const duration at_least = why.retry_after.value_or(duration::zero());
    trouble_ = std::move(why);
    return later(now, at_least, random);
}

app_action app_wait::woke(time_point now) const {
    if (now >= deadline_) return out_of_time();
    return {kind::ask, {}, {}};
}

// Three quarters of it at least, so that many who wait for one app do not ask in step.
app_action app_wait::later(time_point now, duration at_least, std::uint64_t random) {
    if (now >= deadline_) return out_of_time();
    const duration grown = std::min(most_delay, first_delay * (1 << std::min(waits_++, 4)));
    const duration delay = grown * 3 / 4 + core::portion_of(grown / 4, random);
    return {kind::wait, std::min(std::max(delay, at_least), deadline_ - now), {}};
}

duration app_wait::request_within(time_point now) const noexcept {
    return std::clamp(deadline_ - now, duration(1ms), longest_request);
}

std::string app_wait::last_words() const {
    std::string out =
        goal_ == app_goal::stopped ? "waiting for " + who_ + " to stop: " : "waiting for " + who_ + " to serve: ";
    return out + (last_ ? "its last state is " + state_words(*last_) : "its state was never seen");
}

app_action app_wait::out_of_time() const {
    std::string words = last_words() + "; " + seconds_text(within_) + " were not enough";
    if (trouble_) words += "; the last question to the workspace: " + trouble_->detail;
    if (!trouble_ && goal_ == app_goal::served && last_ && last_->compute_state == app_compute_state::stopped) {
        words += "; it does not start by itself: app_directory::start() does it";
    }
    return {kind::fail, {}, failure(errc::timed_out, words)};
}

}  // namespace dbxapps::apps
