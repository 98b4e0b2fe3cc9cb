// A second copy of a request when the first takes longer than most did: whichever answers first is the answer.
#include <client_impl.hpp>

#include <net/bell.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/strand.hpp>

#include <array>
#include <exception>
#include <utility>

namespace dbxapps {

// What both copies need for as long as either runs. Each has a strand of its own, so calling it off is safe; the caller
// waits at home.
struct client::impl::race : std::enable_shared_from_this<race> {
    struct copy {
        explicit copy(const asio::any_io_executor& ex) : strand(asio::make_strand(ex)) {}
        asio::strand<asio::any_io_executor> strand;
        asio::cancellation_signal signal;  // used on the strand only
        bool over = false;                 // likewise
    };

    race(std::shared_ptr<net::engine> e, const asio::any_io_executor& caller, const prepared& p, const request& r,
         token_ptr token)
        : engine(std::move(e)),
          sent(r),
          presented(std::move(token)),
          to(p.to),
          fields(p.wire.extra ? *p.wire.extra : net::wire_extra()),
          wire(p.wire),
          deadline(p.deadline),
          arrived(caller) {
        wire.method = sent.method();
        wire.target = text::split_url(sent.url()).target;
        wire.fields = sent.headers();
        wire.body = sent.body();
        wire.authorization = presented->authorization();
        wire.extra = &fields;
    }

    // An answer ends it; a failure does when no other copy is left to wait for.
    void report(result<response> r) {
        {
            std::lock_guard lock(mutex);
            --running;
            if (!r) {
                failure why = std::move(r).error();
                attempts += why.attempts;
                may_have_arrived = may_have_arrived || why.may_have_arrived;
                why.attempts = attempts;
                why.may_have_arrived = may_have_arrived;
                r = std::move(why);
            }
            if (!outcome && (r || running == 0)) outcome.emplace(std::move(r));
        }
        arrived.ring();
    }
    void report(std::exception_ptr why) {
        {
            std::lock_guard lock(mutex);
            --running;
            thrown = std::move(why);
        }
        arrived.ring();
    }
    std::optional<result<response>> take() {
        std::lock_guard lock(mutex);
        if (thrown && !outcome && running == 0) std::rethrow_exception(thrown);
        return std::exchange(outcome, std::nullopt);
    }

    void start(const net::loop& where) {
        const auto one = std::make_shared<copy>(where.executor());
        {
            std::lock_guard lock(mutex);
            ++running;
            copies[started++] = one;
        }
        // The signal has to be there until the last step, which comes behind the end of run().
        asio::co_spawn(one->strand, run(shared_from_this(), one),
                       asio::bind_cancellation_slot(one->signal.slot(), [one](const std::exception_ptr&) {}));
    }
    static asio::awaitable<void> run(std::shared_ptr<race> self, std::shared_ptr<copy> one) {
        std::optional<result<response>> out;
        std::exception_ptr why;
        co_await asio::this_coro::throw_if_cancelled(false);
        try {
            co_await net::engine::exchange(self->engine, *self->to->pool, self->wire, clock::now(), self->deadline,
                                           out);
        } catch (...) {
            why = std::current_exception();
        }
        one->over = true;
        why ? self->report(why) : self->report(std::move(*out));
    }
    // Nobody waits any more, however that came.
    void call_off(const net::loop& where) {
        for (const auto& one : copies) {
            if (!one) continue;
            where.post([one] {
                asio::dispatch(one->strand, [one] {
                    if (!one->over) one->signal.emit(asio::cancellation_type::terminal);
                });
            });
        }
    }

    const std::shared_ptr<net::engine> engine;
    const request sent;
    const token_ptr presented;
    const std::shared_ptr<const destination> to;
    const net::wire_extra fields;
    net::wire_request wire;
    const time_point deadline;
    const net::bell arrived;
    std::mutex mutex;
    int running = 0, attempts = 0;  // the attempts of those that failed
    bool may_have_arrived = false;  // likewise
    std::exception_ptr thrown;
    std::size_t started = 0;
    std::array<std::shared_ptr<copy>, 2> copies;
    std::optional<result<response>> outcome;
};

asio::awaitable<void> client::impl::exchange_hedged(impl& self, const prepared& p, const request& r,
                                                    token_ptr presented, duration first_has,
                                                    std::optional<result<response>>& out) {
    out.reset();
    const auto both =
        std::make_shared<race>(self.engine_, co_await asio::this_coro::executor, p, r, std::move(presented));
    struct leave {
        const net::loop& where;
        race& of;
        ~leave() { of.call_off(where); }
    } const leaving{self.loop_, *both};
    both->start(self.loop_);
    for (time_point until = clock::now() + first_has; !out;) {
        const net::wake why = co_await net::wait_for_bell(both->arrived, until);
        out = both->take();
        if (why == net::wake::cancelled && !out) {
            failure cancelled(errc::cancelled, "the call was cancelled");
            cancelled.may_have_arrived = true;
            out.emplace(std::move(cancelled));
        }
        if (why != net::wake::timed_out || out) continue;
        until = time_point::max();  // each copy has the call's deadline
        if (p.to->health->may_hedge()) {
            self.hedges_.fetch_add(1, std::memory_order_relaxed);
            both->start(self.loop_);
        }
    }
}

}  // namespace dbxapps
