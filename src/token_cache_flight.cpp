// A flight: what asks the token source, again as long as the machine says so, and brings the token home.
#include <token_cache_impl.hpp>

#include <fetch_failure.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace dbxapps {

using core::fetch_fault;
using core::flight_id;

// Ends the cache when a flight is destroyed before it lands: its io_context is gone.
class flight_report {
public:
    explicit flight_report(std::shared_ptr<token_cache::impl> c) : impl_(std::move(c)) {}
    flight_report(const flight_report&) = delete;
    flight_report& operator=(const flight_report&) = delete;
    ~flight_report() {
        if (impl_) impl_->close();
    }
    void landed() noexcept { impl_.reset(); }

private:
    std::shared_ptr<token_cache::impl> impl_;
};

void token_cache::impl::take_off(flight_id id) noexcept {
    const bool alive = loop_.post(
        [self = shared_from_this(), id] { asio::co_spawn(self->loop_.executor(), fly(self, id), asio::detached); });
    if (!alive) close();
}

asio::awaitable<result<token>> token_cache::impl::try_source() {
    std::string thrown;
    {
        std::lock_guard lock(mutex_);
        asking_ = true;
    }
    try {
        co_return co_await source_->fetch(transport_, clock::now() + std::max(options_.fetch_within, source_->needs()));
    } catch (const std::exception& e) {
        thrown = e.what();
    } catch (...) {
        thrown = "something that is no std::exception";
    }
    co_return failure(errc::token_unavailable, "the token source threw: " + thrown);
}

token_cache::impl::effects token_cache::impl::failed(flight_id id, failure why) {
    ++counters_.failures;
    fetch_fault fault = fault_of(why);
    if (fault == fetch_fault::transient && !source_->may_repeat()) fault = fetch_fault::failed;
    const auto retry_after = why.retry_after;
    last_failure_ = for_callers(std::move(why));
    machine_.fetch_failed(id, fault, retry_after, now(), random_(), actions_);
    return collect();
}

token_cache::impl::effects token_cache::impl::landed(flight_id id, result<token> r) {
    std::lock_guard lock(mutex_);
    asking_ = false;
    ++counters_.fetches;
    if (!r) return failed(id, std::move(r).error());
    const std::string_view text = r->access_token();
    if (text.empty() || !std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; })) {
        return failed(id, failure(errc::token_unavailable,
                                  "the token source gave an empty token, or one with spaces or "
                                  "control characters, which cannot be sent"));
    }
    if (r->life() && *r->life() <= duration::zero()) {
        return failed(id, failure(errc::token_unavailable,
                                  "the token source gave a token that has ended, or ends within seconds; check this "
                                  "machine's clock"));
    }
    const auto fetched = std::make_shared<const token>(std::move(*r));
    const bool only_one = rejected_ && rejected_->access_token() == fetched->access_token();
    machine_.fetched(id, fetched->life(), only_one, now(), random_(), actions_);
    return collect(fetched);
}

asio::awaitable<void> token_cache::impl::fly(std::shared_ptr<impl> self, flight_id id) {
    flight_report report(self);
    for (bool flying = true; flying;) {
        effects todo = self->landed(id, co_await self->try_source());
        const auto later = todo.fetch_later;
        self->carry_out(std::move(todo));
        if (!later) break;
        // The machine's clock may be the user's; the wait is by ours.
        co_await net::wait_for_bell(self->hurry_, clock::now() + (*later - self->now()));
        std::unique_lock lock(self->mutex_);
        self->machine_.retry_due(id, self->now(), self->actions_);
        effects next = self->collect();
        lock.unlock();
        flying = std::exchange(next.fetch, 0) == id;
        self->carry_out(std::move(next));
    }
    report.landed();
}

}  // namespace dbxapps
