// What is awaited by coroutines of another context than the client's, yet has to run on the client's.
//
// The caller's context may be destroyed at any moment, but what waits on our sockets must not be: the work runs on a
// strand of ours, and the caller waits for its outcome at home. Whichever context goes first, the other side hears.
#pragma once

#include <core/deadline.hpp>
#include <net/delivery.hpp>
#include <net/loop.hpp>
#include <net/stops.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/strand.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace dbxapps {

namespace asio = boost::asio;

// All of it belongs to the client's side, and goes with its context; the caller keeps the delivery, and a weak pointer
// for calling it off. Destroyed at whatever stage, it answers.
template <class T>
struct errand {
    using outcome = net::delivery<result<T>>;

    errand(const asio::any_io_executor& ours, std::shared_ptr<outcome> out)
        : strand(asio::make_strand(ours)), to(std::move(out)) {}
    ~errand() {
        if (!over) to->deliver(failure(errc::closed, "the client's io_context is gone"));
    }
    errand(const errand&) = delete;
    errand& operator=(const errand&) = delete;

    void finish(result<T> r) {
        over = true;
        to->deliver(std::move(r));
    }

    asio::strand<asio::any_io_executor> strand;
    // Used on the strand only. With several threads the call-off may come before the start.
    asio::cancellation_signal signal;
    bool called_off = false;
    bool over = false;
    std::shared_ptr<outcome> to;
};

template <class T>
using work_for = std::function<asio::awaitable<result<T>>()>;  // called on the client's side

template <class T>
asio::awaitable<void> run_errand(std::shared_ptr<errand<T>> e, work_for<T> work) {
    e->finish(co_await work());
}

template <class T>
std::weak_ptr<errand<T>> send_errand(const net::loop& ours, std::shared_ptr<typename errand<T>::outcome> to,
                                     work_for<T> work) {
    const net::loop_state::pin pinned(ours.state());
    if (!pinned) {
        to->deliver(failure(errc::closed, "the client's io_context is gone"));
        return {};
    }
    const auto e = std::make_shared<errand<T>>(ours.executor(), std::move(to));
    ours.post([e, work = std::move(work)]() mutable {
        asio::dispatch(e->strand, [e, work = std::move(work)]() mutable {
            if (e->called_off) return;
            // The signal has to be there until the last step, which comes behind the end of the work.
            asio::co_spawn(e->strand, run_errand<T>(e, std::move(work)),
                           asio::bind_cancellation_slot(e->signal.slot(), [e](const std::exception_ptr&) {}));
        });
    });
    return e;
}

// However the wait ends, cancelled or destroyed with its context: nobody carries on for a caller who has gone.
template <class T>
class walk_away {
public:
    walk_away(const net::loop& ours, std::weak_ptr<errand<T>> e, typename errand<T>::outcome& to)
        : ours_(ours), errand_(std::move(e)), to_(to) {}
    ~walk_away() {
        to_.abandon();
        ours_.post([weak = errand_] {
            if (const auto e = weak.lock()) {
                asio::dispatch(e->strand, [e] {
                    e->called_off = true;
                    if (!e->over) e->signal.emit(asio::cancellation_type::terminal);
                });
            }
        });
    }
    walk_away(const walk_away&) = delete;
    walk_away& operator=(const walk_away&) = delete;

private:
    const net::loop& ours_;
    std::weak_ptr<errand<T>> errand_;
    typename errand<T>::outcome& to_;
};

// Not part of the templates: why nothing came.
failure no_outcome(net::wake why);

// Sets `out`. What is passed by reference outlives the coroutine.
template <class T>
asio::awaitable<void> do_elsewhere(const net::loop& ours, std::shared_ptr<net::stops> closing, time_point deadline,
                                   work_for<T> work, std::optional<result<T>>& out) {
    const auto outcome = std::make_shared<typename errand<T>::outcome>(co_await asio::this_coro::executor);
    const walk_away<T> leaving(ours, send_errand<T>(ours, outcome, std::move(work)), *outcome);
    const net::stops::wait ended(std::move(closing), outcome->bell());
    // The work has the same deadline, and more to say when it passes.
    constexpr duration for_its_words = std::chrono::milliseconds(50);
    const auto until = core::no_later_than(time_point::max(), deadline, for_its_words);
    const net::wake why = co_await net::wait_for_bell(outcome->bell(), until);
    if (why != net::wake::cancelled) out = outcome->take();
    if (!out) out.emplace(no_outcome(why));
}

}  // namespace dbxapps
