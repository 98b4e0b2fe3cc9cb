#include <token_cache_impl.hpp>

#include <core/deadline.hpp>
#include <options.hpp>
#include <text/ascii.hpp>

#include <algorithm>
#include <utility>

namespace dbxapps {

using namespace std::chrono_literals;
using core::token_action;
using core::waiter_id;

namespace {

core::token_rules rules_for(const token_options& o) {
    core::token_rules rules;
    rules.margin = o.margin;
    rules.lead = o.lead;
    rules.retry_within = o.retry_within;
    return rules;
}

net::engine_options engine_options_for(const token_options& o) {
    net::engine_options out;
    out.network = o.network;
    out.pool.max_connections = out.pool.max_dials = 2;
    // A fetch asks two or three questions in a row, then nothing for long.
    out.pool.idle_within = out.reuse.idle_within = 5s;
    out.limits.body = 1u << 20;
    return out;
}

std::string host_of(const token_source& source) {
    const auto parsed = text::parse_url(source.host());
    return parsed ? parsed->host : text::lowered(source.host());
}

}  // namespace

std::shared_ptr<token_cache::impl> token_cache::impl::make(asio::any_io_executor ex,
                                                           std::unique_ptr<token_source> source,
                                                           token_options options) {
    if (!ex) throw error(failure(errc::bad_config, "a token cache needs an executor, and this one is empty"));
    if (!source) throw error(failure(errc::bad_config, "a token cache needs a token source"));
    validate(options);
    net::loop where(std::move(ex));
    auto engine = net::engine::make(where, engine_options_for(options));
    if (!engine) throw error(std::move(engine).error());
    auto made = std::make_shared<impl>(where, std::move(source), std::move(options), std::move(*engine));
    where.state().join(std::weak_ptr<net::loop_member>(std::shared_ptr<net::loop_member>(made)));
    return made;
}

token_cache::impl::impl(net::loop where, std::unique_ptr<token_source> source, token_options options,
                        std::shared_ptr<net::engine> engine)
    : loop_(std::move(where)),
      source_(std::move(source)),
      options_(std::move(options)),
      engine_(std::move(engine)),
      transport_(engine_),
      host_(host_of(*source_)),
      hurry_(loop_.executor()),
      machine_(rules_for(options_)),
      random_(std::random_device{}()) {}

result<token_ptr> token_cache::impl::answer_for(const token_action& a) const {
    if (a.what == token_action::kind::serve) return current_;
    if (a.what == token_action::kind::fail) return last_failure_;
    return failure(errc::closed, "the token cache is closed, or its io_context is gone");
}

// Turns the machine's actions into things to do without the mutex.
token_cache::impl::effects token_cache::impl::collect(const token_ptr& fetched) {
    effects out;
    for (const token_action& a : actions_) {
        switch (a.what) {
            case token_action::kind::serve:
            case token_action::kind::fail:
            case token_action::kind::fail_closed: {
                const auto found = waiting_.find(a.waiter);
                if (found == waiting_.end()) break;  // ask() answers its own waiter
                out.answers.emplace_back(std::move(found->second), answer_for(a));
                waiting_.erase(found);
                break;
            }
            case token_action::kind::fetch: out.fetch = a.flight; break;
            case token_action::kind::fetch_later: out.fetch_later = a.at; break;
            case token_action::kind::store: current_ = fetched; break;
            case token_action::kind::forget: current_.reset(); break;
        }
    }
    actions_.clear();
    return out;
}

void token_cache::impl::carry_out(effects todo) noexcept {
    for (auto& [to, with] : todo.answers)
        to->deliver(std::move(with));
    if (todo.fetch != 0) take_off(todo.fetch);
}

token_ptr token_cache::impl::try_get(time_point at) noexcept {
    std::unique_lock lock(mutex_);
    if (machine_.usable(at) == 0) return nullptr;
    token_ptr out = current_;
    if (!machine_.refresh_due(at)) return out;
    machine_.refresh(at, actions_);
    effects todo = collect();
    lock.unlock();
    carry_out(std::move(todo));
    return out;
}

token_cache::impl::grant token_cache::impl::ask(waiter_id me, time_point deadline,
                                                const asio::any_io_executor& caller) {
    std::unique_lock lock(mutex_);
    const time_point at = now();
    // Deadlines are by the real clock, the machine's may be another: what is left is the same by both.
    machine_.want(me, dbxapps::core::no_later_than(time_point::max(), at, deadline - clock::now()), at, actions_);
    const auto mine = std::find_if(actions_.begin(), actions_.end(), [&](const token_action& a) {
        return a.waiter == me && a.what != token_action::kind::fetch;
    });
    grant out;
    if (mine != actions_.end()) {
        auto r = answer_for(*mine);
        r ? out = std::move(*r) : out = std::move(r).error();
    } else {
        auto wait = std::make_shared<answer>(caller);
        waiting_.emplace(me, wait);
        out = std::move(wait);
    }
    effects todo = collect();
    lock.unlock();
    carry_out(std::move(todo));
    return out;
}

void token_cache::impl::leave(waiter_id me, answer& wait) noexcept {
    wait.abandon();
    std::lock_guard lock(mutex_);
    if (waiting_.erase(me) != 0) machine_.leave(me);
}

asio::awaitable<result<token_ptr>> token_cache::impl::get(std::shared_ptr<impl> self, time_point deadline,
                                                          std::shared_ptr<net::stops> ends) {
    waiter_id me;
    {
        std::lock_guard lock(self->mutex_);
        me = ++self->last_waiter_;
    }
    auto granted = self->ask(me, deadline, co_await asio::this_coro::executor);
    if (auto* served = std::get_if<token_ptr>(&granted)) co_return std::move(*served);
    if (auto* refused = std::get_if<failure>(&granted)) co_return std::move(*refused);
    const auto wait = std::get<std::shared_ptr<answer>>(granted);
    struct leaver {
        impl& cache;
        waiter_id me;
        answer& wait;
        ~leaver() { cache.leave(me, wait); }
    } leaver{*self, me, *wait};
    const net::stops::wait ended(std::move(ends), wait->bell());
    const net::wake why = co_await net::wait_for_bell(wait->bell(), deadline);
    if (why == net::wake::cancelled) co_return failure(errc::cancelled, "cancelled while waiting for a token");
    if (auto came = wait->take()) co_return std::move(*came);
    if (why == net::wake::rung) co_return failure(errc::closed, "the client was closed while waiting for a token");
    co_return failure(errc::timed_out, "no token came in time" + self->what_it_waits_for());
}

std::string token_cache::impl::what_it_waits_for() const {
    std::lock_guard lock(mutex_);
    std::string out;
    if (asking_) out = "; the token source" + (host_.empty() ? "" : " for " + host_) + " has not answered yet";
    if (!last_failure_.detail.empty()) out += "; the last try: " + last_failure_.detail;
    if (out.empty()) out = "; its fetch has not begun: check that the io_context of the token cache is being run";
    return out;
}

bool token_cache::impl::reject(const token& refused) noexcept {
    if (!source_->renewable()) return false;
    std::unique_lock lock(mutex_);
    // Compared by text: the same token may have come twice.
    const bool current = current_ && current_->access_token() == refused.access_token();
    if (!current) return true;
    const token_ptr dropped = current_;
    const auto verdict = machine_.reject(machine_.usable(now()), now(), actions_);
    effects todo = collect();
    if (!current_) {
        rejected_ = dropped;
        ++counters_.rejected;
    }
    lock.unlock();
    carry_out(std::move(todo));
    return verdict == core::token_state::rejection::replay;
}

bool token_cache::impl::refreshing() const noexcept {
    std::lock_guard lock(mutex_);
    return machine_.in_flight();
}

token_counters token_cache::impl::counters() const noexcept {
    std::lock_guard lock(mutex_);
    return counters_;
}

void token_cache::impl::close() noexcept {
    if (closed_.exchange(true)) return;
    std::unique_lock lock(mutex_);
    machine_.close(actions_);
    effects todo = collect();
    lock.unlock();
    carry_out(std::move(todo));
    engine_->close();
    source_->close();
    hurry_.ring();
}

}  // namespace dbxapps
