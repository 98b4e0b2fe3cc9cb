#include <net/bell.hpp>

namespace dbxapps::net {

waiting::waiting(const asio::any_io_executor& ex) : state_(loop_state::of(ex)) {}

waiting::~waiting() {
    std::lock_guard lock(state_->mutex_);
    state_->wheel_.disarm(*this);
    unhook();
}

void waiting::unhook() noexcept {
    if (!hooked_) return;
    (prev_ ? prev_->next_ : state_->first_) = next_;
    if (next_) next_->prev_ = prev_;
    prev_ = next_ = nullptr;
    hooked_ = false;
}

void waiting::wake_up(wake why) noexcept {
    const auto state = state_;  // whoever wakes up may destroy this object before we are done
    std::unique_lock lock(state->mutex_);
    if (!completion_) {
        if (why == wake::rung) rung_ = true;
        return;
    }
    unhook();
    const bool last = state->disarm_locked(*this);
    auto consumed = std::move(completion_);
    ++state->pins_;  // what hangs here has a context that lives
    lock.unlock();
    consumed->post(why);
    consumed.reset();
    state->unpin();
    if (last) state->rest_soon();
}

// Called by the loop, which holds its mutex. Nobody may be left to be woken.
void waiting::expire() noexcept {
    if (auto self = weak_from_this().lock()) state_->expired_.push_back(std::move(self));
}

void waiting::start(std::unique_ptr<completion> c, time_point deadline, const asio::any_io_executor& ex) {
    const auto state = state_;  // as above
    std::unique_lock lock(state->mutex_);
    if (!state->alive_) {
        lock.unlock();  // `c` holds the coroutine: it goes down with its context, outside the lock
        return;
    }
    if (rung_) {
        rung_ = false;
        ++state->pins_;
        lock.unlock();
        c->post(wake::rung);
        c.reset();
        state->unpin();
        return;
    }
    completion_ = std::move(c);
    next_ = state->first_;
    if (next_) next_->prev_ = this;
    state->first_ = this;
    hooked_ = true;
    state->arm_locked(*this, deadline, ex);
}

asio::awaitable<wake> wait_for_bell(bell b, time_point deadline) {
    // A cancellation between two waits rings nothing, so every wait of ours asks first.
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return wake::cancelled;
    co_return co_await b.async_wait(deadline);
}

}  // namespace dbxapps::net
