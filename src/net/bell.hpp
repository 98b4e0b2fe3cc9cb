// One waiting coroutine, rung from any thread, that resumes on its own executor.
//
// The wait hangs on the loop of the waiting coroutine, so destroying that context unhooks it, and a later ring does
// nothing. A ring that comes first is remembered. Cancellation: terminal. One wait at a time.
#pragma once

#include <net/loop.hpp>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/prefer.hpp>

#include <memory>
#include <mutex>
#include <utility>

namespace dbxapps::net {

enum class wake { rung, timed_out, cancelled };

// The part of a bell that hangs in a loop: a list node, a deadline, and the completion of the wait.
class waiting : public deadline_target, public std::enable_shared_from_this<waiting> {
public:
    class completion {
    public:
        virtual ~completion() = default;
        virtual void post(wake) noexcept = 0;  // consumes itself; never runs the handler inside the call
    };

    explicit waiting(const asio::any_io_executor& ex);
    ~waiting();

    void wake_up(wake) noexcept;  // any thread; the first one counts
    void start(std::unique_ptr<completion>, time_point deadline, const asio::any_io_executor&);
    void expire() noexcept override;  // woken as soon as the mutex is free

private:
    friend class loop_state;
    void unhook() noexcept;  // with the mutex

    std::shared_ptr<loop_state> state_;
    std::unique_ptr<completion> completion_;
    bool rung_ = false;
    waiting* prev_ = nullptr;
    waiting* next_ = nullptr;
    bool hooked_ = false;
};

class bell {
public:
    explicit bell(const asio::any_io_executor& ex) : waiting_(std::make_shared<waiting>(ex)) {}

    void ring() const noexcept { waiting_->wake_up(wake::rung); }

    // time_point::max(): no deadline. Not to be awaited when the coroutine is cancelled already: see wait_for_bell.
    auto async_wait(time_point deadline) const;

private:
    std::shared_ptr<waiting> waiting_;
};

namespace detail {

template <class Handler>
class bell_completion final : public waiting::completion {
public:
    explicit bell_completion(Handler h)
        : executor_(asio::prefer(asio::get_associated_executor(h, asio::any_io_executor()),
                                 asio::execution::outstanding_work.tracked)),
          handler_(std::move(h)) {}

    void post(wake why) noexcept override {
        asio::require(executor_, asio::execution::blocking.never).execute([h = std::move(handler_), why]() mutable {
            std::move(h)(why);
        });
    }

private:
    asio::any_io_executor executor_;
    Handler handler_;
};

struct start_wait {
    std::shared_ptr<waiting> hung;
    time_point deadline;

    template <class Handler>
    void operator()(Handler handler) {
        const auto ex = asio::get_associated_executor(handler, asio::any_io_executor());
        if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected()) {
            slot.assign([weak = std::weak_ptr<waiting>(hung)](asio::cancellation_type type) {
                if ((type & asio::cancellation_type::terminal) == asio::cancellation_type::none) return;
                if (auto w = weak.lock()) w->wake_up(wake::cancelled);
            });
        }
        hung->start(std::make_unique<bell_completion<Handler>>(std::move(handler)), deadline, ex);
    }
};

}  // namespace detail

inline auto bell::async_wait(time_point deadline) const {
    return asio::async_initiate<const asio::deferred_t, void(wake)>(detail::start_wait{waiting_, deadline},
                                                                    asio::deferred);
}

asio::awaitable<wake> wait_for_bell(bell, time_point deadline);

}  // namespace dbxapps::net
