// Calls awaited by coroutines of another context than the client's: see call_errand.
#include <client_impl.hpp>

#include <core/deadline.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/strand.hpp>

#include <utility>

namespace dbxapps {

// A call that runs on the client's context for a caller on another. All of it belongs to the client's side, and goes
// with its context; the caller keeps the delivery, and a weak pointer for calling it off. Destroyed at whatever stage,
// it answers.
struct call_errand {
    using outcome = net::delivery<result<response>>;

    call_errand(const asio::any_io_executor& ours, std::shared_ptr<outcome> out)
        : strand(asio::make_strand(ours)), to(std::move(out)) {}
    ~call_errand() {
        if (!over) to->deliver(failure(errc::closed, "the client's io_context is gone"));
    }
    call_errand(const call_errand&) = delete;
    call_errand& operator=(const call_errand&) = delete;

    void finish(result<response> r) {
        over = true;
        to->deliver(std::move(r));
    }

    asio::strand<asio::any_io_executor> strand;
    asio::cancellation_signal signal;  // used on the strand only
    bool over = false;                 // likewise
    std::shared_ptr<outcome> to;
};

// The caller's context may be destroyed at any moment, but what waits on our sockets must not be: the call runs on a
// strand of ours, and the caller waits for its outcome at home.
asio::awaitable<void> client::impl::call_from_elsewhere(impl& self, const request& r, time_point entered,
                                                        std::optional<result<response>>& out) {
    const auto outcome = std::make_shared<call_errand::outcome>(co_await asio::this_coro::executor);
    const duration within = r.within().value_or(self.options_.within);
    const auto deadline = core::no_later_than(time_point::max(), entered, within);
    const auto called_off = self.send_errand(outcome, r, entered);
    // However the wait ends, cancelled or destroyed with its context: nobody carries on for a caller who has gone.
    struct walk_away {
        const net::loop& ours;
        const std::weak_ptr<call_errand>& errand;
        call_errand::outcome& to;
        ~walk_away() {
            to.abandon();
            ours.post([weak = errand] {
                if (const auto e = weak.lock()) {
                    asio::dispatch(e->strand, [e] {
                        if (!e->over) e->signal.emit(asio::cancellation_type::terminal);
                    });
                }
            });
        }
    } walk_away{self.loop_, called_off, *outcome};
    const net::stops::wait ended(self.waits_, outcome->bell());
    const net::wake why = co_await net::wait_for_bell(outcome->bell(), deadline);
    if (why != net::wake::cancelled) out = outcome->take();
    if (out) co_return;
    if (why == net::wake::cancelled) {
        out.emplace(failure(errc::cancelled, "the call was cancelled"));
    } else if (why == net::wake::rung) {
        out.emplace(failure(errc::closed, "the client was closed"));
    } else {
        out.emplace(failure(errc::timed_out, "the deadline passed; check that the client's io_context is being run"));
    }
}

std::weak_ptr<call_errand> client::impl::send_errand(std::shared_ptr<net::delivery<result<response>>> outcome,
                                                     request r, time_point entered) {
    const net::loop_state::pin pinned(loop_.state());
    if (!pinned) {
        outcome->deliver(failure(errc::closed, "the client's io_context is gone"));
        return {};
    }
    const auto errand = std::make_shared<call_errand>(loop_.executor(), std::move(outcome));
    loop_.post([self = shared_from_this(), errand, r = std::move(r), entered]() mutable {
        asio::co_spawn(errand->strand, run_errand(self, errand, std::move(r), entered),
                       asio::bind_cancellation_slot(errand->signal.slot(), asio::detached));
    });
    return errand;
}

asio::awaitable<void> client::impl::run_errand(std::shared_ptr<impl> self, std::shared_ptr<call_errand> errand,
                                               request r, time_point entered) {
    errand->finish(co_await call<result<response>>(self, std::move(r), entered));
}

}  // namespace dbxapps
