// The dials of a pool: coroutines on its own context that belong to no caller.
#include <core/deadline.hpp>
#include <net/connection_pool.hpp>

#include <utility>

namespace dbxapps::net {

// Reports a dial once, also when its coroutine is destroyed with its io_context.
class dial_report {
public:
    dial_report(std::shared_ptr<connection_pool> pool, core::dial_id id) : pool_(std::move(pool)), id_(id) {}
    dial_report(const dial_report&) = delete;
    dial_report& operator=(const dial_report&) = delete;
    ~dial_report() {
        if (pool_) pool_->dialed(id_, failure(errc::closed, "the client's io_context is gone"));
    }
    void done(result<std::shared_ptr<connection>> r) { std::exchange(pool_, nullptr)->dialed(id_, std::move(r)); }

private:
    std::shared_ptr<connection_pool> pool_;
    core::dial_id id_;
};

asio::awaitable<void> connection_pool::run_dial(std::shared_ptr<connection_pool> self, core::dial_id id,
                                                std::shared_ptr<dial_stop> stop) {
    dial_report report(self, id);
    auto made = co_await dial(self->origin_, self->tools_, stop,
                              core::no_later_than(time_point::max(), clock::now(), self->dial_within_));
    report.done(std::move(made));
}

asio::awaitable<void> connection_pool::run_nap(std::shared_ptr<connection_pool> self, time_point until) {
    const bell never(self->tools_.where.executor());
    co_await wait_for_bell(never, until);
    self->tick();
}

void connection_pool::dialed(core::dial_id id, result<std::shared_ptr<connection>> made) noexcept {
    const time_point now = clock::now();
    std::unique_lock lock(mutex_);
    dials_.erase(id);
    if (made) {
        counters_->connections.fetch_add(1, std::memory_order_relaxed);
        if ((*made)->resumed()) counters_->resumed.fetch_add(1, std::memory_order_relaxed);
        last_failure_ = {};
        machine_.dialed(id, place(std::move(*made)), 1, now, actions_);
    } else {
        counters_->failed_dials.fetch_add(1, std::memory_order_relaxed);
        last_failure_ = std::move(made).error();
        machine_.dial_failed(id, now, actions_);
    }
    effects todo = collect();
    lock.unlock();
    carry_out(std::move(todo));
}

}  // namespace dbxapps::net
