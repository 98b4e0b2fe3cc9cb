#include <net/connection_pool.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <utility>

namespace dbxapps::net {

using core::pool_action;

connection_pool::connection_pool(origin to, dial_tools tools, core::pool_rules rules, duration dial_within,
                                 std::shared_ptr<pool_counters> counters)
    : origin_(std::move(to)),
      tools_(std::move(tools)),
      dial_within_(dial_within),
      counters_(std::move(counters)),
      machine_(rules) {}

lease connection_pool::make_lease(const pool_action& a) {
    return {shared_from_this(), connections_[a.conn], a.conn, a.fresh, a.idle_for};
}

failure connection_pool::refusal(pool_action::kind kind) const {
    if (kind == pool_action::kind::refuse_overload) {
        return {errc::overloaded, "too many calls wait for a connection to " + origin_.words() +
                                      "; call less at once, or raise client_options::max_connections or max_waiting"};
    }
    if (kind == pool_action::kind::refuse_closed) return {errc::closed, "the client is closed"};
    return last_failure_;
}

// Turns the machine's actions into things to do without the mutex; numbers turn into objects while they are still true.
connection_pool::effects connection_pool::collect() {
    effects out;
    for (const pool_action& a : actions_) {
        switch (a.what) {
            case pool_action::kind::deliver:
            case pool_action::kind::refuse_failed:
            case pool_action::kind::refuse_overload:
            case pool_action::kind::refuse_closed: {
                const auto found = waiting_.find(a.waiter);
                if (found == waiting_.end()) break;  // settle_for answers its own waiter
                waiting_lease to = std::move(found->second);
                waiting_.erase(found);
                if (a.what == pool_action::kind::deliver) {
                    out.answers.emplace_back(std::move(to), make_lease(a));
                } else {
                    out.answers.emplace_back(std::move(to), refusal(a.what));
                }
                break;
            }
            case pool_action::kind::dial:
                out.dials.emplace_back(a.dial, std::make_shared<dial_stop>(tools_.where.executor()));
                dials_.insert(out.dials.back());
                break;
            case pool_action::kind::drop:
                out.drops.push_back(std::exchange(connections_[a.conn], nullptr));
                free_ids_.push_back(a.conn);
                break;
            case pool_action::kind::rest: connections_[a.conn]->rest(); break;  // at once: nobody has leased it yet
            case pool_action::kind::wake: out.wake = a.at; break;
        }
    }
    actions_.clear();
    return out;
}

void connection_pool::carry_out(effects todo) noexcept {
    for (auto& [to, answer] : todo.answers)
        to->deliver(std::move(answer));
    bool alive = true;
    for (auto& [id, stop] : todo.dials) {
        alive = alive && tools_.where.post([self = shared_from_this(), id = id, stop = std::move(stop)] {
            asio::co_spawn(self->tools_.where.executor(), run_dial(self, id, stop), asio::detached);
        });
    }
    if (todo.wake) {
        alive = alive && tools_.where.post([self = shared_from_this(), at = *todo.wake] {
            asio::co_spawn(self->tools_.where.executor(), run_nap(self, at), asio::detached);
        });
    }
    if (!alive) close();
}

// Ends acquire(), stale() and replace(): if the machine answered the caller at once, nobody has to wait.
connection_pool::grant connection_pool::settle_for(core::pool_waiter me, const asio::any_io_executor& caller,
                                                   std::unique_lock<std::mutex>& lock) {
    grant out;
    bool answered = false;
    for (const pool_action& a : actions_) {
        if (a.waiter != me || a.what == pool_action::kind::dial) continue;
        answered = true;
        if (a.what == pool_action::kind::deliver) {
            out = make_lease(a);
        } else {
            out = refusal(a.what);
        }
    }
    if (!answered) {
        auto hanging = std::make_shared<wait>(caller, me);
        waiting_.emplace(me, hanging);
        out = std::move(hanging);
    }
    if (answered && actions_.size() == 1) {
        actions_.clear();
        return out;
    }
    effects todo = collect();
    lock.unlock();
    carry_out(std::move(todo));
    return out;
}

connection_pool::grant connection_pool::acquire(time_point now, const asio::any_io_executor& caller) {
    std::unique_lock lock(mutex_);
    const core::pool_waiter me = ++last_waiter_;
    machine_.acquire(me, now, actions_);
    return settle_for(me, caller, lock);
}

connection_pool::grant connection_pool::stale(lease dead, time_point now, const asio::any_io_executor& caller) {
    std::unique_lock lock(mutex_);
    const core::pool_waiter me = ++last_waiter_;
    machine_.stale(dead.let_go(), me, now, actions_);
    return settle_for(me, caller, lock);
}

connection_pool::grant connection_pool::replace(lease dead, time_point now, const asio::any_io_executor& caller) {
    resends_.fetch_add(1, std::memory_order_relaxed);
    std::unique_lock lock(mutex_);
    const core::pool_waiter me = ++last_waiter_;
    machine_.replace(dead.let_go(), me, now, actions_);
    return settle_for(me, caller, lock);
}

void connection_pool::returned(core::conn_id id, bool reusable, time_point now) noexcept {
    std::unique_lock lock(mutex_);
    if (reusable) {
        machine_.release(id, now, actions_);
    } else {
        machine_.lost(id, now, actions_);
    }
    if (actions_.empty()) return;
    effects todo = collect();
    lock.unlock();
    for (const auto& c : todo.drops) {
        if (reusable && c) c->retire();
    }
    carry_out(std::move(todo));
}

void connection_pool::leave(const waiting_lease& hanging) noexcept {
    hanging->abandon();
    std::unique_lock lock(mutex_);
    if (waiting_.erase(hanging->id) != 0) machine_.leave(hanging->id, clock::now(), actions_);
    effects todo = collect();
    lock.unlock();
    carry_out(std::move(todo));
}

std::string connection_pool::timeout_words() const {
    std::lock_guard lock(mutex_);
    const auto n = machine_.count();
    std::string out = "no connection to " + origin_.words() + " became free in time (" + std::to_string(n.leased) +
                      " busy, " + std::to_string(n.dialing) + " being opened, " + std::to_string(n.waiting) +
                      " calls waiting)";
    if (!last_failure_.detail.empty()) out += "; the last dial failed: " + last_failure_.detail;
    return out;
}

asio::awaitable<result<lease>> connection_pool::wait_for_lease(std::shared_ptr<connection_pool> self,
                                                               waiting_lease hanging, time_point deadline) {
    struct leaver {
        connection_pool& pool;
        const waiting_lease& hanging;
        bool answered = false;
        ~leaver() {
            if (!answered) pool.leave(hanging);
        }
    } leaver{*self, hanging};
    const wake why = co_await wait_for_bell(hanging->bell(), deadline);
    if (auto came = hanging->take()) {
        leaver.answered = true;
        if (why == wake::rung) co_return std::move(*came);
        // Too late for this caller: a lease in it goes back by itself.
    }
    if (why == wake::cancelled) {
        co_return failure(errc::cancelled, "cancelled while waiting for a connection to " + self->origin_.words());
    }
    co_return failure(errc::timed_out, self->timeout_words());
}

core::conn_id connection_pool::place(std::shared_ptr<connection> c) {
    if (free_ids_.empty()) {
        connections_.push_back(std::move(c));
        return static_cast<core::conn_id>(connections_.size() - 1);
    }
    const core::conn_id id = free_ids_.back();
    free_ids_.pop_back();
    connections_[id] = std::move(c);
    return id;
}

void connection_pool::tick() noexcept {
    std::unique_lock lock(mutex_);
    machine_.tick(clock::now(), actions_);
    effects todo = collect();
    lock.unlock();
    carry_out(std::move(todo));
}

void connection_pool::sweep(time_point now) noexcept {
    std::unique_lock lock(mutex_);
    machine_.sweep(now, actions_);
    if (actions_.empty()) return;
    effects todo = collect();
    lock.unlock();
    carry_out(std::move(todo));
}

void connection_pool::retire() {
    std::unique_lock lock(mutex_);
    machine_.retire(clock::now(), actions_);
    effects todo = collect();
    lock.unlock();
    for (const auto& c : todo.drops)
        c->retire();
    carry_out(std::move(todo));
}

void connection_pool::close() noexcept {
    std::unique_lock lock(mutex_);
    if (std::exchange(closed_, true)) return;
    std::vector<std::shared_ptr<connection>> open = connections_;  // leased ones too: their exchanges end now
    std::vector<std::shared_ptr<dial_stop>> dials;
    for (const auto& [id, stop] : dials_)
        dials.push_back(stop);
    machine_.close(actions_);
    effects todo = collect();
    lock.unlock();
    for (const auto& stop : dials)
        stop->stop();
    for (const auto& c : open) {
        if (c) c->end(errc::closed);
    }
    carry_out(std::move(todo));
}

core::pool_state::counts connection_pool::count() const {
    std::lock_guard lock(mutex_);
    return machine_.count();
}

}  // namespace dbxapps::net
