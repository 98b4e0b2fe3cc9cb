#include <login/first_that_works.hpp>

#include <fetch_failure.hpp>
#include <login/ask_host_metadata.hpp>
#include <oauth/back_fill.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace dbxapps::login {

using boost::asio::awaitable;
using config::attribute;
using config::way_in_verdict;

namespace {

// Among several ways in, each one has as long as a fetch usually has.
constexpr duration usual_fetch = std::chrono::seconds(15);

// Anything but a word of the way in itself: the network's failures, and answers that are none. A program that fails
// has said its word, too.
bool is_outage(const failure& why) {
    if (fault_of(why) == core::fetch_fault::refused || why.is(errc::login_required)) return false;
    const bool by_network = why.cause.category() == make_error_code(errc::closed).category();
    return why.status != 0 || by_network || !why.is(errc::token_unavailable);
}

bool is_over(const failure& why) { return why.is(errc::closed) || why.is(errc::cancelled); }

duration time_for(const token_source& source) { return std::max(source.needs(), usual_fetch); }

}  // namespace

first_that_works::first_that_works(config::resolved r, config::surroundings around, maker by)
    : resolved_(std::move(r)), around_(std::move(around)), make_(by) {
    first_ = judge();
}

result<std::unique_ptr<token_source>> first_that_works::make(way_in_verdict& v) const {
    auto made =
        v.why_not ? result<std::unique_ptr<token_source>>(*v.why_not) : make_(*v.way, resolved_.values, around_);
    if (!made) v.why_not = made.error();
    return made;
}

// Those that are worth a try. Looks at files, so nothing is locked meanwhile; only the one fetch at a time writes here.
std::vector<first_that_works::candidate> first_that_works::judge() {
    std::vector<candidate> out;
    duration needs{};
    auto all = config::judge_ways_in(resolved_.values, around_);
    if (!all) {
        refused_ = std::move(all).error();
        return out;
    }
    for (way_in_verdict& v : *all) {
        auto made = make(v);
        if (made) {
            needs += time_for(**made);
            out.push_back({v.way, std::move(*made)});
        } else if (config::hangs_on_cloud(*v.way, resolved_.values, around_)) {
            needs += usual_fetch;
            out.push_back({v.way, nullptr});
        }
    }
    if (out.size() == 1 && out.front().source) needs = out.front().source->needs();
    const std::lock_guard lock(mutex_);
    verdicts_ = std::move(*all);
    needs_ = needs;
    return out;
}

awaitable<result<token>> first_that_works::fetch(transport& via, time_point deadline) {
    if (winner_.source) return winner_.source->fetch(via, deadline);
    return choose(via, deadline);
}

awaitable<result<token>> first_that_works::choose(transport& via, time_point deadline) {
    if (refused_) co_return *refused_;
    std::vector<candidate> candidates = first_.empty() ? judge() : std::move(first_);
    first_.clear();
    heard_.clear();
    may_repeat_ = true;
    // Whatever ends this, a candidate that goes is not to be closed any more.
    const auto leave = [](first_that_works* self) { self->set_active(self->winner_.source.get()); };
    const std::unique_ptr<first_that_works, decltype(leave)> on_leaving(this, leave);
    for (candidate& one : candidates) {
        const bool last = &one == &candidates.back();
        const duration limit = one.source ? time_for(*one.source) : usual_fetch;
        const auto until = last ? deadline : std::min(deadline, clock::now() + limit);
        auto over = co_await take_turn(one, via, until);
        if (over) co_return std::move(*over);
    }
    co_return none_worked();
}

awaitable<std::optional<result<token>>> first_that_works::take_turn(candidate& one, transport& via,
                                                                    time_point deadline) {
    if (!one.source) {
        auto why = co_await learn_cloud(one, via, deadline);
        if (why) co_return result<token>(std::move(*why));
        if (!one.source) co_return std::nullopt;
    }
    set_active(one.source.get());
    auto came = co_await fetch_from(*one.source, via, deadline);
    co_return landed(one, std::move(came));
}

// What a source throws is its own failure, and not that of the others.
awaitable<result<token>> first_that_works::fetch_from(token_source& source, transport& via, time_point deadline) {
    failure why;
    try {
        co_return co_await source.fetch(via, deadline);
    } catch (const error& e) {
        why = e.why();
    } catch (const std::exception& e) {
        why = failure(errc::token_unavailable, "the token source threw: " + std::string(e.what()));
    }
    co_return why;
}

void first_that_works::set_verdict(const config::way_in* way, std::optional<failure> why_not) {
    const std::lock_guard lock(mutex_);
    for (way_in_verdict& known : verdicts_) {
        if (known.way == way) known.why_not = std::move(why_not);
    }
}

// The source of a way in that hangs on the cloud, if the host is there. Failures: the host could not be asked, and
// nobody else has said a word.
awaitable<std::optional<failure>> first_that_works::learn_cloud(candidate& one, transport& via, time_point deadline) {
    if (!resolved_.values.has(attribute::cloud)) {
        auto said = co_await ask_host_metadata(via, resolved_.values.text(attribute::host), deadline);
        if (!said) {
            failure why = std::move(said).error();
            why.detail = "on which cloud is the host? " + why.detail;
            set_verdict(one.way, why);
            if (!heard_.empty() && !is_over(why)) co_return std::nullopt;
            why.detail = std::string(one.way->auth_type) + " auth: " + why.detail;
            co_return why;
        }
        const std::lock_guard lock(mutex_);
        oauth::back_fill(resolved_.values, said->value_or(oauth::host_metadata()));
    }
    auto now = config::judge_ways_in(resolved_.values, around_);
    if (!now) co_return std::move(now).error();
    for (way_in_verdict& v : *now) {
        if (v.way != one.way) continue;
        if (auto made = make(v)) one.source = std::move(*made);
        set_verdict(v.way, std::move(v.why_not));
    }
    co_return std::nullopt;
}

void first_that_works::set_active(token_source* source) noexcept {
    const std::lock_guard lock(mutex_);
    active_ = source;
    if (closed_ && active_) active_->close();
}

void first_that_works::close() noexcept {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    if (active_) active_->close();
}

std::optional<result<token>> first_that_works::landed(candidate& one, result<token> came) {
    const std::lock_guard lock(mutex_);
    if (came) {
        winner_ = {one.way, std::move(one.source)};
        return came;
    }
    failure why = std::move(came).error();
    if (is_over(why)) return why;
    may_repeat_ = may_repeat_ && one.source->may_repeat();
    for (way_in_verdict& verdict : verdicts_) {
        if (verdict.way == one.way) verdict.why_not = why;
    }
    if (is_outage(why)) {
        why.detail = std::string(one.way->auth_type) + " auth: " + why.detail;
        return why;
    }
    heard_.push_back(std::move(why));
    return std::nullopt;
}

// One code for all that were asked: what a person can do comes first, then what may pass.
failure first_that_works::none_worked() const {
    if (resolved_.values.has(attribute::auth_type)) {
        const auto& [way, why_not] = verdicts_.front();
        return config::explained(std::string(way->auth_type) + " auth", *why_not, resolved_.values);
    }
    failure out = config::no_way_in(resolved_, verdicts_);
    for (const errc code : {errc::login_required, errc::token_unavailable, errc::token_refused}) {
        const auto said = std::find_if(heard_.begin(), heard_.end(), [&](const failure& f) { return f.is(code); });
        if (said == heard_.end()) continue;
        out.code = make_error_code(code);
        const auto is_refusal = [](const failure& f) { return fault_of(f) == core::fetch_fault::refused; };
        // Whoever was refused for good would be asked again as well.
        if (std::none_of(heard_.begin(), heard_.end(), is_refusal)) out.retry_after = said->retry_after;
        break;
    }
    return out;
}

bool first_that_works::may_repeat() const noexcept {
    const std::lock_guard lock(mutex_);
    return winner_.source ? winner_.source->may_repeat() : may_repeat_;
}

duration first_that_works::needs() const noexcept {
    const std::lock_guard lock(mutex_);
    return winner_.source ? winner_.source->needs() : needs_;
}

bool first_that_works::renewable() const noexcept {
    const std::lock_guard lock(mutex_);
    return !winner_.source || winner_.source->renewable();
}

std::string first_that_works::host() const {
    const std::lock_guard lock(mutex_);
    const std::string& host = resolved_.values.text(attribute::host);
    return host.empty() && winner_.source ? winner_.source->host() : host;
}

std::string first_that_works::chosen() const {
    const std::lock_guard lock(mutex_);
    return winner_.way ? std::string(winner_.way->auth_type) : std::string();
}

std::vector<way_in_verdict> first_that_works::tried() const {
    const std::lock_guard lock(mutex_);
    std::vector<way_in_verdict> out;
    for (const way_in_verdict& one : verdicts_) {
        if (one.way == winner_.way) break;
        if (one.why_not) out.push_back(one);
    }
    return out;
}

config::settings first_that_works::values() const {
    const std::lock_guard lock(mutex_);
    return resolved_.values;
}

}  // namespace dbxapps::login
