#include <net/bell.hpp>
#include <net/loop.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>

#include <algorithm>
#include <utility>

namespace dbxapps::net {
namespace {

class loop_service : public asio::execution_context::service {
public:
    using key_type = loop_service;
    static asio::execution_context::id id;

    explicit loop_service(asio::execution_context& context) : service(context), state(std::make_shared<loop_state>()) {}
    void shutdown() override { state->shut_down(); }
    void notify_fork(asio::execution_context::fork_event what) override {
        if (what == asio::execution_context::fork_child) state->sockets().forked();
    }

    const std::shared_ptr<loop_state> state;
};
asio::execution_context::id loop_service::id;

template <class Inner>
bool unwrap(asio::any_io_executor& ex) {
    const auto* strand = ex.target<asio::strand<Inner>>();
    if (!strand) return false;
    ex = asio::any_io_executor(Inner(strand->get_inner_executor()));
    return true;
}

}  // namespace

// What counts as work is of another type than what does not.
asio::any_io_executor plain_executor(asio::any_io_executor ex) {
    do {
        ex = asio::prefer(std::move(ex), asio::execution::outstanding_work.untracked);
    } while (unwrap<asio::any_io_executor>(ex) || unwrap<asio::io_context::executor_type>(ex) ||
             unwrap<asio::thread_pool::executor_type>(ex));
    return ex;
}

loop_state::pin::pin(loop_state& l) noexcept : loop_(l) {
    std::lock_guard lock(loop_.mutex_);
    held_ = loop_.alive_;
    if (held_) ++loop_.pins_;
}

loop_state::pin::~pin() {
    if (held_) loop_.unpin();
}

void loop_state::unpin() noexcept {
    std::lock_guard lock(mutex_);
    if (--pins_ == 0) unpinned_.notify_all();
}

// A context ends its services from the newest to the oldest. Ours has to go while timers and descriptors still work, so
// theirs are made first.
std::shared_ptr<loop_state> loop_state::of(const asio::any_io_executor& ex) {
    if (!asio::has_service<loop_service>(ex.context())) {
        const asio::steady_timer timers(ex);
        const asio::posix::stream_descriptor descriptors(ex);
    }
    return asio::use_service<loop_service>(ex.context()).state;
}

loop_state::loop_state() : wheel_(clock::now()) {}

void loop_state::arm(deadline_target& target, time_point at, const asio::any_io_executor& ex) {
    std::lock_guard lock(mutex_);
    arm_locked(target, at, ex);
}

void loop_state::arm_locked(deadline_target& target, time_point at, const asio::any_io_executor& ex) {
    if (!alive_ || at == time_point::max()) return;
    wheel_.arm(target, at);
    if (!timer_) timer_.emplace(plain_executor(ex));
    if (!ticking_) tick_later();
}

void loop_state::disarm(deadline_target& target) noexcept {
    std::unique_lock lock(mutex_);
    if (!disarm_locked(target)) return;
    lock.unlock();
    rest_soon();
}

bool loop_state::disarm_locked(deadline_target& target) noexcept {
    wheel_.disarm(target);
    if (wheel_.size() != 0 || !ticking_ || resting_soon_ || !alive_) return false;
    ++pins_;
    return resting_soon_ = true;
}

// When nothing is armed any more, run() is not to wait for the next tick. But the next call may be about to begin, and
// timers are dear: what is ready to run comes first, and then the timer is stopped if still nothing is armed.
void loop_state::rest_soon() noexcept {
    try {
        asio::require(timer_->get_executor(), asio::execution::blocking.never).execute([self = weak_from_this()] {
            if (const auto state = self.lock()) state->rest();
        });
    } catch (...) {
        std::lock_guard lock(mutex_);
        resting_soon_ = false;
    }
    unpin();
}

void loop_state::rest() {
    std::lock_guard lock(mutex_);
    resting_soon_ = false;
    if (alive_ && ticking_ && wheel_.size() == 0 && timer_->cancel() != 0) ticking_ = false;
}

void loop_state::join(std::weak_ptr<loop_member> member) {
    std::lock_guard lock(mutex_);
    std::erase_if(members_, [](const auto& m) { return m.expired(); });
    members_.push_back(std::move(member));
}

void loop_state::tick_later() {
    timer_->expires_after(core::deadline_wheel::tick);
    timer_->async_wait([self = weak_from_this()](boost::system::error_code ec) {
        if (auto state = self.lock(); state && !ec) state->on_tick();
    });
    ticking_ = true;  // not if that threw
}

// The timer is not armed again when nothing is: an idle library holds no outstanding work.
void loop_state::on_tick() {
    std::unique_lock lock(mutex_);
    ticking_ = false;
    if (!alive_) return;
    core::deadline_list expired;
    wheel_.advance(clock::now(), expired);
    while (!expired.empty()) {
        auto& entry = expired.front();
        core::deadline_list::unlink(entry);
        static_cast<deadline_target&>(entry).expire();
    }
    if (wheel_.size() != 0) tick_later();
    const auto late = std::exchange(expired_, {});
    lock.unlock();
    for (const auto& w : late)
        w->wake_up(wake::timed_out);
}

void loop_state::shut_down() noexcept {
    std::vector<std::unique_ptr<waiting::completion>> unanswered;
    std::vector<std::weak_ptr<loop_member>> members;
    std::optional<asio::steady_timer> timer;
    {
        std::unique_lock lock(mutex_);
        alive_ = false;
        unpinned_.wait(lock, [this] { return pins_ == 0; });
        while (first_ != nullptr) {
            waiting& w = *first_;
            unanswered.push_back(std::move(w.completion_));
            wheel_.disarm(w);
            w.unhook();
        }
        members.swap(members_);
        timer.swap(timer_);
    }
    const auto waits = poller_->shut_down();
    // Members first: they end what the destroyed waits would only start again.
    for (const auto& member : members) {
        if (auto m = member.lock()) m->loop_gone();
    }
    unanswered.clear();
}

}  // namespace dbxapps::net
