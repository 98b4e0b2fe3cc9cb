// An execution context for as long as it lives: where waits hang, deadlines tick, and work is posted.
//
// `loop_state` outlives the context, so whoever holds it may ring, disarm or post from any thread at any time; once the
// context is being destroyed, that does nothing. Whatever hangs there is then destroyed unanswered, and members hear of
// it. One mutex; under it nothing runs but pointer work, posting to the executor, and deadline_target::expire().
#pragma once

#include <core/deadline.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace dbxapps::net {

namespace asio = boost::asio;

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

    // Runs `f` on the executor, never inside this call; false, and `f` dropped, when the context is gone.
    template <class F>
    bool post(const asio::any_io_executor& ex, F f) {
        std::lock_guard lock(mutex_);
        if (!alive_) return false;
        asio::require(ex, asio::execution::blocking.never).execute(std::move(f));
        return true;
    }

    void shut_down() noexcept;  // the context's destructor is running

private:
    friend class waiting;
    void arm_locked(deadline_target&, time_point, const asio::any_io_executor&);
    void tick_later();
    void on_tick();

    std::mutex mutex_;
    bool alive_ = true;
    bool ticking_ = false;
    core::deadline_wheel wheel_;
    std::optional<asio::steady_timer> timer_;
    waiting* first_ = nullptr;  // those that hang here
    std::vector<std::weak_ptr<loop_member>> members_;
};

// A context and an executor of it.
class loop {
public:
    explicit loop(asio::any_io_executor ex)
        : executor_(std::move(ex)), context_(&executor_.context()), state_(loop_state::of(executor_)) {}
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
