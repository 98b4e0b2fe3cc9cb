// What becomes of an attempt: the call's outcome, or another attempt, at once, later or with a new token.
#include <client_impl.hpp>

#include <apps/diagnosis.hpp>
#include <apps/scopes.hpp>
#include <fetch_failure.hpp>
#include <net/response_builder.hpp>
#include <oauth/jwt_claims.hpp>
#include <text/inflate.hpp>
#include <text/retry_after.hpp>

#include <ctime>
#include <random>
#include <utility>

namespace dbxapps {
namespace {

// How an attempt ended, for the rule of retries; `said` is what the front door says in an answer.
core::attempt_outcome outcome_of(const result<response>& r, apps::edge_verdict said) {
    using outcome = core::attempt_outcome;
    if (said == apps::edge_verdict::not_signed_in) return outcome::token_refused;
    if (r) {
        const int status = r->status();
        return status == 429 || (status >= 502 && status <= 504) ? outcome::busy : outcome::answered;
    }
    const failure& why = r.error();
    const bool proxy = why.is(errc::proxy_failed) && proxy_may_recover(why);
    const bool none = why.is(errc::connect_failed) || why.is(errc::connection_lost) || why.is(errc::timed_out) ||
                      broke_off(why) || proxy;
    if (!none) return outcome::failed;
    return why.may_have_arrived ? outcome::lost_in_transit : outcome::connect_failed;
}

// Whether the app was there. A caller in a hurry shows nothing, nor does a front door that has not asked it.
reach shown_by(const result<response>& r, apps::edge_verdict said, duration lasted, duration time_left) {
    using verdict = apps::edge_verdict;
    if (r) {
        if (said == verdict::app) return reach::up;
        const bool nothing =
            said == verdict::app_stopped || said == verdict::app_unavailable || said == verdict::front_door_timeout;
        return nothing ? reach::down : reach::unknown;
    }
    const failure& why = r.error();
    for (const errc down : {errc::connect_failed, errc::resolve_failed, errc::tls_failed, errc::connection_lost}) {
        if (why.is(down)) return reach::down;
    }
    // Sent and not answered for long, or not connected within the dial's own time; not: waited for its turn in vain.
    const bool long_enough = why.may_have_arrived ? lasted >= std::chrono::seconds(1) : time_left > duration::zero();
    return why.is(errc::timed_out) && long_enough ? reach::down : reach::unknown;
}

std::optional<duration> retry_after(const result<response>& r) {
    const auto field = r ? r->header("retry-after") : std::nullopt;
    return field ? text::parse_retry_after(*field, std::time(nullptr)) : std::nullopt;
}

}  // namespace

std::string call_words(const request& r, const text::url& to) {
    return std::string(r.method()).append(" ").append(to.without_query());
}

// The same however the origin is written, and for as long as the client lives: a flood of spellings resets nothing.
std::shared_ptr<origin_health> client::impl::health_of(const text::url& origin,
                                                       const std::shared_ptr<net::connection_pool>& pool) {
    auto& [health, connections] = health_[origin.origin()];
    connections = pool;
    if (!health) {
        std::optional<core::rate_limit> rate;
        if (options_.max_rate > 0) rate.emplace(options_.max_rate, options_.max_burst);
        health = std::make_shared<origin_health>(options_, rate);
    }
    return health;
}

std::uint64_t client::impl::random() {
    std::random_device source;
    return std::uint64_t{source()} << 32 | source();
}

// Empties `out` when the request has to be sent again, after a wait or with a new token.
void client::impl::judge(std::optional<result<response>>& out, const request& r, const prepared& p,
                         const token& presented, time_point began, repeats& so_far) {
    apps::edge_answer said;
    if (p.unpack && *out && response_builder::coded(**out)) unpack(*out);
    if (*out) said = apps::read_edge_answer(**out, {p.tokens->host(), p.to->app, r.headers()});
    core::attempt_facts facts;
    facts.outcome = p.source_failed() ? core::attempt_outcome::failed : outcome_of(*out, said.verdict);
    if (facts.outcome == core::attempt_outcome::answered && said.verdict == apps::edge_verdict::app) {
        if (p.watched()) attempt_ended(p, r, (*out)->status(), std::nullopt, began);
        return p.to->health->went_well();
    }
    const bool refused = facts.outcome == core::attempt_outcome::token_refused;
    facts.repeatable = r.may_repeat();
    facts.app_saw_nothing = said.app_saw_nothing && r.may_begin_again();
    facts.replayed_before = so_far.replayed;
    facts.token_replaceable = refused && p.tokens->reject(presented);
    facts.retries_before = so_far.retries;
    facts.retry_after = retry_after(*out);
    const time_point now = clock::now();
    facts.time_left = p.deadline - now;
    const errc code = *out ? apps::code_of(said.verdict) : static_cast<errc>(out->error().code.value());
    const reach shown = p.source_failed() ? reach::unknown : shown_by(*out, said.verdict, now - began, facts.time_left);
    const auto next = p.to->health->judge(facts, shown, code, began, now, random());
    failure why;  // of this attempt, if it is one
    if (!*out) why = std::move(*out).error();
    if (*out && said.verdict != apps::edge_verdict::app) {
        why = diagnosed(**out, said.verdict, r, presented, so_far.replayed);
        why.attempts = 1;
    }
    const std::optional<errc> seen_as = why.code ? std::optional(code) : std::nullopt;
    if (p.watched()) attempt_ended(p, r, *out ? (*out)->status() : why.status, seen_as, began);
    if (next.next == core::retry_verdict::step::stop) {
        if (why.code) out = std::move(why);
        return;
    }
    (refused ? replays_ : retries_).fetch_add(1, std::memory_order_relaxed);
    so_far.replayed = so_far.replayed || refused;
    so_far.retries += refused ? 0 : 1;
    so_far.attempts += why.code ? why.attempts : 1;
    so_far.may_have_arrived = so_far.may_have_arrived || !why.code || why.may_have_arrived;
    so_far.wait = next.delay;
    const repeat_reason reason = refused ? repeat_reason::replay : repeat_reason::retry;
    p.to->health->counters.repeats(reason);
    if (p.watched()) will_repeat(p, r, reason, next.delay);
    out.reset();
}

failure client::impl::diagnosed(const response& said, apps::edge_verdict what, const request& r, const token& presented,
                                bool replayed) const {
    failure out = apps::diagnose(what, said, call_words(r, *text::parse_url(r.url())), replayed);
    if (!out.is(errc::no_permission) && !out.is(errc::not_signed_in)) return out;
    const auto asked = apps::scopes_asked_by(said);
    const auto missing =
        apps::lacking(asked.empty() ? options_.app_scopes : asked, oauth::scopes_in(presented.access_token()));
    if (missing.empty()) return out;
    out.detail += "; the token lacks the scope";
    for (const char* between = " "; const auto& scope : missing) {
        out.detail.append(between).append(text::printable(scope, 60));
        between = ", ";
    }
    return out;
}

// The outcome, when it is a failure, tells of all attempts.
void client::impl::add_up(result<response>& out, const repeats& so_far) {
    if (out || (so_far.attempts == 0 && so_far.retries == 0)) return;
    failure why = std::move(out).error();
    why.attempts += so_far.attempts;
    why.may_have_arrived = why.may_have_arrived || so_far.may_have_arrived;
    out = std::move(why);
}

namespace {

failure refused_by_apps(const token& t) {
    return {errc::not_signed_in,
            "the login gives " + std::string(t.unfit_for_apps()) +
                ", which Databricks Apps refuse: they take OAuth tokens that Databricks gave out. Log in another way, "
                "with the client id and secret of a service principal (oauth-m2m), the databricks CLI, `dbxapps auth "
                "login`, or "
                "federation (env-oidc, file-oidc, github-oidc, azure-devops-oidc); nothing was sent"};
}

}  // namespace

bool client::impl::stopped(const prepared& p, const token& presented, time_point now,
                           std::optional<result<response>>& out) {
    auto why = p.to->app && !presented.unfit_for_apps().empty() ? std::optional(refused_by_apps(presented))
                                                                : p.to->health->refuses(now);
    if (why) out.emplace(std::move(*why));
    return why.has_value();
}

// To the token's own workspace and nowhere else, not even to other hosts that may get the token.
void client::impl::add_workspace_fields(prepared& p, const token& t) {
    if (p.to->app || p.to->origin.host != p.tokens->host()) return;
    rarely& with = p.rare();
    if (!with.call.valid()) with.extra.fields.clear();  // an earlier attempt's; else they begin with this one's trace
    with.extra.fields += t.workspace_fields();
}

// An answer to HEAD has nothing to unpack, a part of a coded whole (206) cannot be, and other codings are the caller's.
void client::impl::unpack(result<response>& out) const {
    const auto coding = text::coding_of(out->header("content-encoding").value_or(""));
    if (!coding || out->status() == 206 || out->body().empty()) return;
    auto plain = text::inflate(out->body(), *coding, options_.max_body);
    if (plain) {
        response_builder::recode(*out, std::move(*plain));
    } else {
        failure why = std::move(plain).error();
        why.status = out->status();
        why.may_have_arrived = true;
        out = std::move(why);
    }
}

asio::awaitable<void> client::impl::wait_for_turn(impl& self, const prepared& p, std::optional<result<response>>& out) {
    const auto wait = p.to->health->turn(clock::now(), p.deadline);
    if (!wait) {
        out.emplace(
            failure(errc::overloaded, "its turn would come behind its deadline, at no more than " +
                                          std::to_string(self.options_.max_rate) +
                                          " requests per second; send fewer, or raise client_options::max_rate"));
    } else if (*wait > duration::zero()) {
        co_await back_off(self, *wait, out);
    }
}

asio::awaitable<void> client::impl::back_off(impl& self, duration how_long, std::optional<result<response>>& out) {
    const net::bell ended(co_await asio::this_coro::executor);
    const net::stops::wait closing(self.waits_, ended);
    const net::wake why = co_await net::wait_for_bell(ended, clock::now() + how_long);
    if (why == net::wake::rung) out.emplace(failure(errc::closed, "the client was closed before its turn"));
    if (why == net::wake::cancelled) out.emplace(failure(errc::cancelled, "cancelled before its turn"));
}

}  // namespace dbxapps
