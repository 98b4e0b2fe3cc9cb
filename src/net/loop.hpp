// An execution context for as long as it lives: where waits hang, deadlines tick, and work is posted.
//
// `loop_state` outlives the context, so whoever holds it may ring, disarm or post from any thread at any time; once the
// context is being destroyed, that does nothing. Whatever hangs there is then destroyed unanswered, and members hear of
// it. One mutex; under it nothing runs but pointer work and deadline_target::expire(): even posting happens outside, as
// a strand whose context is going destroys what it is given on the spot. A pin keeps the context's destructor waiting
// meanwhile.
#pragma once

#include <core/deadline.hpp>
#include <net/poller.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace dbxapps::net {

// Told when its deadline has passed: under the loop's mutex, from the loop's own thread. Must be quick, must not throw
// and must not call back into the loop.
class deadline_target : public core::deadline_entry {
public:
    virtual void expire() noexcept = 0;

protected:
    ~deadline_target() = default;
};

// Told, once, that the context is being destroyed. Not under the mutex.
class loop_member {
public:
    virtual void loop_gone() noexcept = 0;

protected:
    ~loop_member() = default;
};

class waiting;

class loop_state : public std::enable_shared_from_this<loop_state> {
public:
    // The state of the executor's context, made on first use.
    static std::shared_ptr<loop_state> of(const asio::any_io_executor&);

    loop_state();

    void arm(deadline_target&, time_point, const asio::any_io_executor&);
    void disarm(deadline_target&) noexcept;
    void join(std::weak_ptr<loop_member>);
    poller& sockets() noexcept { return *poller_; }

    // Runs `f` on the executor, never inside this call; false, and `f` dropped, when the context is gone.
    template <class F>
    bool post(const asio::any_io_executor& ex, F f) {
        const pin pinned(*this);
        if (!pinned) return false;
        asio::require(ex, asio::execution::blocking.never).execute(std::move(f));
        return true;
    }

    // As long as it lives, and is true, the context's objects may be touched: shut_down() waits. Short, and never held
    // while a context is destroyed on the same thread.
    class pin {
    public:
        explicit pin(loop_state&) noexcept;
        ~pin();
        pin(const pin&) = delete;
        pin& operator=(const pin&) = delete;
        explicit operator bool() const noexcept { return held_; }

    private:
        loop_state& loop_;
        bool held_;
    };

    void shut_down() noexcept;  // the context's destructor is running

private:
    friend class waiting;
    void arm_locked(deadline_target&, time_point, const asio::any_io_executor&);
    bool disarm_locked(
        deadline_target&) noexcept;  // true: pinned now, and rest_soon() has to be called without the mutex
    void tick_later();
    void on_tick();
    void rest_soon() noexcept;
    void rest();
    void unpin() noexcept;

    std::mutex mutex_;
    bool alive_ = true;
    int pins_ = 0;
    std::condition_variable unpinned_;
    std::vector<std::shared_ptr<waiting>> expired_;  // by the tick at hand, to be posted when the mutex is free
    bool ticking_ = false;
    bool resting_soon_ = false;
    core::deadline_wheel wheel_;
    std::optional<asio::steady_timer> timer_;
    waiting* first_ = nullptr;  // those that hang here
    std::vector<std::weak_ptr<loop_member>> members_;
    const std::shared_ptr<poller> poller_ = std::make_shared<poller>();
};

// The executor without a strand around it, and without counting as work: what the library does needs neither, and a
// strand must not outlive its context, as a client may.
asio::any_io_executor plain_executor(asio::any_io_executor);

// A context and an executor of it.
class loop {
public:
    explicit loop(asio::any_io_executor ex)
        : executor_(plain_executor(std::move(ex))), context_(&executor_.context()), state_(loop_state::of(executor_)) {}
    const asio::any_io_executor& executor() const noexcept { return executor_; }
    loop_state& state() const noexcept { return *state_; }
    bool owns(const asio::any_io_executor& ex) const { return &ex.context() == context_; }
    template <class F>
    bool post(F f) const {
        return state_->post(executor_, std::move(f));
    }

private:
    asio::any_io_executor executor_;
    const asio::execution_context* context_;  // compared, never followed: it may be gone
    std::shared_ptr<loop_state> state_;
};

}  // namespace dbxapps::net
