#include <login/first_that_works.hpp>

#include <config/derived.hpp>
#include <fetch_failure.hpp>
#include <login/ask_host_metadata.hpp>
#include <oauth/back_fill.hpp>

#include <algorithm>
#include <utility>

namespace dbxapps::login {

using boost::asio::awaitable;
using config::attribute;

namespace {

// Among several ways in, each one has as long as a fetch usually has.
constexpr duration usual_fetch = std::chrono::seconds(15);

bool is_outage(const failure& why) { return why.status >= 500 || fault_of(why) == core::fetch_fault::transient; }

bool is_over(const failure& why) { return why.is(errc::closed) || why.is(errc::cancelled); }

}  // namespace

first_that_works::first_that_works(config::resolved r, config::surroundings around, maker make)
    : resolved_(std::move(r)), around_(std::move(around)), make_(make) {
    first_ = judge();
    for (const candidate& c : first_) {
        needs_ += first_.size() == 1 ? c.source->needs() : std::max(c.source->needs(), usual_fetch);
        may_repeat_ = may_repeat_ && c.source->may_repeat();
    }
}

// Those whose conditions hold; the others go into verdicts_ with the reason.
std::vector<first_that_works::candidate> first_that_works::judge() {
    std::lock_guard lock(mutex_);
    std::vector<candidate> out;
    verdicts_.clear();
    auto all = config::judge_ways_in(resolved_.values, around_);
    if (!all) {
        refused_ = std::move(all).error();
        return out;
    }
    for (auto& [way, why_not] : *all) {
        if (!why_not) {
            auto made = make_(*way, resolved_.values, around_);
            if (made) {
                out.push_back({way, std::move(*made)});
            } else {
                why_not = std::move(made).error();
            }
        }
        verdicts_.push_back({way, std::move(why_not)});
    }
    return out;
}

awaitable<result<token>> first_that_works::fetch(transport& via, time_point deadline) {
    // Only a fetch sets it, and there is one at a time.
    if (winner_.source) return winner_.source->fetch(via, deadline);
    return choose(via, deadline);
}

awaitable<result<token>> first_that_works::choose(transport& via, time_point deadline) {
    if (refused_) co_return *refused_;
    std::vector<candidate> candidates = first_.empty() ? judge() : std::move(first_);
    first_.clear();
    auto got = co_await try_all(candidates, via, deadline);
    if (!got && co_await learned_cloud(via, deadline)) {
        candidates = judge();
        got = co_await try_all(candidates, via, deadline);
    }
    if (got) co_return std::move(*got);
    if (!resolved_.values.has(attribute::auth_type)) co_return config::no_way_in(resolved_, verdicts_);
    const auto& [way, why_not] = verdicts_.front();
    co_return config::explained(std::string(way->auth_type) + " auth", *why_not, resolved_.values);
}

awaitable<std::optional<result<token>>> first_that_works::try_all(std::vector<candidate>& candidates, transport& via,
                                                                  time_point deadline) {
    std::optional<result<token>> out;
    // Whatever ends this, a candidate that goes is not to be closed any more.
    const auto leave = [](first_that_works* self) { self->set_active(self->winner_.source.get()); };
    const std::unique_ptr<first_that_works, decltype(leave)> on_leaving(this, leave);
    for (candidate& one : candidates) {
        set_active(one.source.get());
        auto came = co_await one.source->fetch(via, deadline);
        out = landed(one, std::move(came));
        if (out) break;
    }
    co_return out;
}

void first_that_works::set_active(token_source* source) noexcept {
    std::lock_guard lock(mutex_);
    active_ = source;
    if (closed_ && active_) active_->close();
}

void first_that_works::close() noexcept {
    std::lock_guard lock(mutex_);
    closed_ = true;
    if (active_) active_->close();
}

// Nothing: on to the next one.
std::optional<result<token>> first_that_works::landed(candidate& one, result<token> came) {
    std::lock_guard lock(mutex_);
    if (came) {
        winner_ = {one.way, std::move(one.source)};
        return came;
    }
    failure why = std::move(came).error();
    if (is_over(why)) return why;
    if (is_outage(why)) {
        why.detail = std::string(one.way->auth_type) + " auth: " + why.detail;
        return why;
    }
    for (auto& verdict : verdicts_) {
        if (verdict.way == one.way) verdict.why_not = std::move(why);
    }
    return std::nullopt;
}

// Some hosts do not tell by their names where they are, and some ways in are of one cloud only.
awaitable<bool> first_that_works::learned_cloud(transport& via, time_point deadline) {
    const config::settings& s = resolved_.values;
    const std::string& host = s.text(attribute::host);
    if (host.empty() || s.has(attribute::cloud) || config::cloud_named_by(host)) co_return false;
    const config::cloud before = config::cloud_of(s);
    const auto said = co_await ask_host_metadata(via, host, deadline);
    if (!said) co_return false;
    std::lock_guard lock(mutex_);
    oauth::back_fill(resolved_.values, *said);
    co_return config::cloud_of(resolved_.values) != before;
}

bool first_that_works::may_repeat() const noexcept { return may_repeat_; }

duration first_that_works::needs() const noexcept { return winner_.source ? winner_.source->needs() : needs_; }

bool first_that_works::renewable() const noexcept {
    std::lock_guard lock(mutex_);
    return !winner_.source || winner_.source->renewable();
}

std::string first_that_works::host() const {
    std::lock_guard lock(mutex_);
    const std::string& host = resolved_.values.text(attribute::host);
    return host.empty() && winner_.source ? winner_.source->host() : host;
}

std::string first_that_works::chosen() const {
    std::lock_guard lock(mutex_);
    return winner_.way ? std::string(winner_.way->auth_type) : std::string();
}

std::vector<config::way_in_verdict> first_that_works::tried() const {
    std::lock_guard lock(mutex_);
    std::vector<config::way_in_verdict> out;
    for (const auto& one : verdicts_) {
        if (one.why_not) out.push_back(one);
    }
    return out;
}

config::settings first_that_works::values() const {
    std::lock_guard lock(mutex_);
    return resolved_.values;
}

}  // namespace dbxapps::login
