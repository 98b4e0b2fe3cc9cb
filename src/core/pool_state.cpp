#include <core/pool_state.hpp>

#include <algorithm>
#include <cassert>

namespace dbxapps::core {

using kind = pool_action::kind;

pool_state::pool_state(pool_rules rules) : rules_(rules) {
    rules_.max_connections = std::max(rules_.max_connections, 1U);
    rules_.max_dials = std::max(rules_.max_dials, 1U);
    rules_.max_waiting = std::max<std::size_t>(rules_.max_waiting, 1);
}

void pool_state::acquire(pool_waiter waiter, time_point now, pool_actions& out) {
    if (refused_as_closed(waiter, out)) return;
    drop_old(now, out);
    if (!idle_.empty())
        deliver(waiter, now, out);  // past the queue: it is empty while anything is idle
    else if (waiters_.size() >= rules_.max_waiting)
        out.push_back({.what = kind::refuse_overload, .waiter = waiter});
    else
        waiters_.push_back(waiter);
    settle(now, out);
}

void pool_state::leave(pool_waiter waiter, time_point now, pool_actions& out) {
    const auto own = std::find_if(dials_.begin(), dials_.end(), [&](const dialing& d) { return d.owner == waiter; });
    if (own != dials_.end()) own->owner = 0;
    std::erase(reserved_, waiter);
    const auto queued = std::find(waiters_.begin(), waiters_.end(), waiter);
    if (queued != waiters_.end()) waiters_.erase(queued);
    settle(now, out);
}

void pool_state::release(conn_id conn, time_point now, pool_actions& out) {
    if (is_open(conn) && connections_[conn].in_use > 0) {
        auto& c = connections_[conn];
        if (c.in_use < c.capacity) std::erase(idle_, conn);  // to become the newest
        --c.in_use;
        lay_idle(conn, now);
    }
    settle(now, out);
}

void pool_state::lost(conn_id conn, time_point now, pool_actions& out) {
    drop(conn, out);
    settle(now, out);
}

void pool_state::stale(conn_id conn, pool_waiter waiter, time_point now, pool_actions& out) {
    if (refused_as_closed(waiter, out)) return;
    drop(conn, out);
    waiters_.push_front(waiter);
    settle(now, out);
}

void pool_state::replace(conn_id conn, pool_waiter waiter, time_point now, pool_actions& out) {
    if (refused_as_closed(waiter, out)) return;
    drop(conn, out);
    if (live() < rules_.max_connections)
        reserved_.push_back(waiter);
    else
        waiters_.push_front(waiter);
    settle(now, out);
}

void pool_state::dialed(dial_id dial, conn_id conn, std::uint32_t capacity, time_point now, pool_actions& out) {
    const auto owner = end_dial(dial);
    if (!owner) return out.push_back({.what = kind::drop, .conn = conn});
    pause_ = duration::zero();
    paused_until_.reset();
    assert(!is_open(conn));
    if (conn >= connections_.size()) connections_.resize(std::size_t{conn} + 1);
    connections_[conn] = {.open = true, .fresh = true, .capacity = std::max(capacity, 1U)};
    ++open_;
    lay_idle(conn, now);
    if (*owner != 0) deliver(*owner, now, out);
    settle(now, out);
    if (is_open(conn)) connections_[conn].fresh = false;  // whoever takes it later takes one that lay idle
}

void pool_state::dial_failed(dial_id dial, time_point now, pool_actions& out) {
    auto answered = end_dial(dial);
    if (!answered) return settle(now, out);
    if (*answered == 0 && !waiters_.empty()) {
        answered = waiters_.front();
        waiters_.pop_front();
    }
    if (*answered != 0) out.push_back({.what = kind::refuse_failed, .waiter = *answered});
    if (!pausing(now)) {
        pause_ = next_pause();
        paused_until_ = now + pause_;
    }
    settle(now, out);
}

void pool_state::tick(time_point now, pool_actions& out) {
    wake_at_.reset();
    settle(now, out);
}

void pool_state::sweep(time_point now, pool_actions& out) { settle(now, out); }

void pool_state::retire(time_point now, pool_actions& out) {
    retired_ = true;
    settle(now, out);
}

void pool_state::close(pool_actions& out) {
    closed_ = true;
    for (const auto& dial : dials_)
        if (dial.owner != 0) out.push_back({.what = kind::refuse_closed, .waiter = dial.owner});
    for (const auto waiter : reserved_)
        out.push_back({.what = kind::refuse_closed, .waiter = waiter});
    for (const auto waiter : waiters_)
        out.push_back({.what = kind::refuse_closed, .waiter = waiter});
    dials_.clear();
    reserved_.clear();
    waiters_.clear();
    for (conn_id conn = 0; conn < connections_.size(); ++conn)
        drop(conn, out);
    paused_until_.reset();
}

pool_state::counts pool_state::count() const noexcept {
    return {.idle = idle_.size(),
            .leased = open_ - idle_.size(),
            .dialing = dials_.size(),
            .reserved = reserved_.size(),
            .waiting = waiters_.size()};
}

bool pool_state::pausing(time_point now) const noexcept { return paused_until_ && now < *paused_until_; }

// What the closed pool holds is nothing, so that none of this finds anything to do.
void pool_state::settle(time_point now, pool_actions& out) {
    if (!pausing(now)) paused_until_.reset();
    drop_old(now, out);
    serve(now, out);
    if (retired_ || rules_.idle_within == duration::zero()) drop_unused(idle_.size(), out);
    let_rest(now, out);
    if (paused_until_)
        sit_out_pause(out);
    else
        start_dials(out);
}

void pool_state::drop_old(time_point now, pool_actions& out) {
    if (idle_.empty() || now - connections_[idle_.front()].idle_since <= rules_.idle_within) return;
    const auto young = std::find_if(idle_.begin(), idle_.end(), [&](conn_id conn) {
        const auto& c = connections_[conn];
        return c.in_use == 0 && now - c.idle_since <= rules_.idle_within;
    });
    if (young != idle_.begin()) drop_unused(static_cast<std::size_t>(young - idle_.begin()), out);
}

void pool_state::serve(time_point now, pool_actions& out) {
    while (!waiters_.empty() && !idle_.empty()) {
        deliver(waiters_.front(), now, out);
        waiters_.pop_front();
    }
}

void pool_state::let_rest(time_point now, pool_actions& out) {
    resting_ = std::min(resting_, idle_.size());
    while (resting_ > 0 && !connections_[idle_[resting_ - 1]].rests)
        --resting_;
    for (std::size_t n = 0; n < most_rests && resting_ < idle_.size(); ++n, ++resting_) {
        auto& c = connections_[idle_[resting_]];
        if (now - c.idle_since <= rules_.rest_after) return;
        c.rests = true;
        if (c.in_use == 0) out.push_back({.what = kind::rest, .conn = idle_[resting_]});
    }
}

void pool_state::sit_out_pause(pool_actions& out) {
    if (open_ == 0 && dials_.empty()) {  // nothing to hope for
        for (const auto waiter : reserved_)
            out.push_back({.what = kind::refuse_failed, .waiter = waiter});
        for (const auto waiter : waiters_)
            out.push_back({.what = kind::refuse_failed, .waiter = waiter});
        reserved_.clear();
        waiters_.clear();
    }
    if ((waiters_.empty() && reserved_.empty()) || wake_at_ == paused_until_) return;
    wake_at_ = paused_until_;
    out.push_back({.what = kind::wake, .at = *wake_at_});
}

void pool_state::start_dials(pool_actions& out) {
    while (!reserved_.empty() && dials_.size() < rules_.max_dials) {
        const auto owner = reserved_.front();
        reserved_.pop_front();
        start_dial(owner, out);
    }
    if (waiters_.empty()) return;
    const auto for_anyone = std::count_if(dials_.begin(), dials_.end(), [](const dialing& d) { return d.owner == 0; });
    for (auto dials = static_cast<std::size_t>(for_anyone); dials < waiters_.size(); ++dials) {
        if (dials_.size() >= rules_.max_dials || live() >= rules_.max_connections) return;
        start_dial(0, out);
    }
}

bool pool_state::refused_as_closed(pool_waiter waiter, pool_actions& out) const {
    if (closed_) out.push_back({.what = kind::refuse_closed, .waiter = waiter});
    return closed_;
}

// Two threads may report their events in the other order than they read the clock: idle_ stays sorted even then.
void pool_state::lay_idle(conn_id conn, time_point now) {
    connections_[conn].rests = false;
    connections_[conn].idle_since = idle_.empty() ? now : std::max(now, connections_[idle_.back()].idle_since);
    idle_.push_back(conn);
}

void pool_state::deliver(pool_waiter waiter, time_point now, pool_actions& out) {
    const auto conn = idle_.back();
    auto& c = connections_[conn];
    const bool rested = !c.fresh && c.in_use == 0;
    out.push_back({.what = kind::deliver,
                   .waiter = waiter,
                   .conn = conn,
                   .fresh = c.fresh,
                   .idle_for = rested ? std::max(now - c.idle_since, duration::zero()) : duration::zero()});
    c.fresh = false;
    if (++c.in_use == c.capacity) idle_.pop_back();
}

void pool_state::drop(conn_id conn, pool_actions& out) {
    if (!is_open(conn)) return;
    if (connections_[conn].in_use < connections_[conn].capacity) std::erase(idle_, conn);
    forget(conn, out);
}

void pool_state::forget(conn_id conn, pool_actions& out) {
    connections_[conn].open = false;
    --open_;
    out.push_back({.what = kind::drop, .conn = conn});
}

void pool_state::drop_unused(std::size_t of_the_oldest, pool_actions& out) {
    const auto end = idle_.begin() + static_cast<std::ptrdiff_t>(of_the_oldest);
    const auto kept = std::remove_if(idle_.begin(), end, [&](conn_id conn) {
        if (connections_[conn].in_use > 0) return false;
        forget(conn, out);
        return true;
    });
    idle_.erase(kept, end);
}

void pool_state::start_dial(pool_waiter owner, pool_actions& out) {
    dials_.push_back({.id = ++last_dial_, .owner = owner});
    out.push_back({.what = kind::dial, .dial = last_dial_});
}

std::optional<pool_waiter> pool_state::end_dial(dial_id id) {
    const auto found = std::find_if(dials_.begin(), dials_.end(), [&](const dialing& d) { return d.id == id; });
    if (found == dials_.end()) return std::nullopt;
    const auto owner = found->owner;
    dials_.erase(found);
    return owner;
}

duration pool_state::next_pause() const noexcept {
    if (pause_ == duration::zero()) return std::min(rules_.pause_first, rules_.pause_max);
    return pause_ > rules_.pause_max / 2 ? rules_.pause_max : pause_ * 2;
}

bool pool_state::is_open(conn_id conn) const noexcept { return conn < connections_.size() && connections_[conn].open; }

}  // namespace dbxapps::core
