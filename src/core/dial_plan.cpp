#include <core/dial_plan.hpp>

#include <algorithm>
#include <ostream>

namespace dbxapps::core {

using kind = dial_action::kind;

namespace {

std::vector<std::size_t> interleaved(const std::vector<address_family>& families) {
    std::vector<std::size_t> first, second, order;
    for (std::size_t i = 0; i < families.size(); ++i)
        (families[i] == families.front() ? first : second).push_back(i);
    for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
        if (i < first.size()) order.push_back(first[i]);
        if (i < second.size()) order.push_back(second[i]);
    }
    return order;
}

}  // namespace

dial_plan::dial_plan(const std::vector<address_family>& families, duration attempt_delay)
    : order_(interleaved(families)), state_(families.size(), attempt::untried), delay_(attempt_delay) {}

void dial_plan::start(time_point now, dial_actions& out) {
    if (next_ > 0) return;
    settle(true, now, out);
}

void dial_plan::connected(std::size_t index, time_point, dial_actions& out) {
    if (over_ || !runs(index)) return;
    over_ = true;
    running_ = 0;
    for (const auto other : order_)
        if (other != index && runs(other)) out.push_back({.what = kind::abandon, .index = other});
    out.push_back({.what = kind::succeed, .index = index});
}

void dial_plan::failed(std::size_t index, time_point now, dial_actions& out) {
    if (over_ || !runs(index)) return;
    state_[index] = attempt::ended;
    --running_;
    settle(index == order_[next_ - 1], now, out);  // an older one failing does not cut the newest one's time short
}

void dial_plan::tick(time_point now, dial_actions& out) {
    if (over_ || !wake_) return;
    const bool early = now < *wake_;
    if (early) out.push_back({.what = kind::wake, .at = *wake_});
    settle(!early, now, out);
}

void dial_plan::settle(bool next_is_due, time_point now, dial_actions& out) {
    if (over_) return;
    if (next_is_due && next_ < order_.size()) {
        const auto index = order_[next_++];
        state_[index] = attempt::running;
        ++running_;
        out.push_back({.what = kind::connect, .index = index});
        wake_.reset();
        if (next_ < order_.size()) {
            wake_ = now + delay_;
            out.push_back({.what = kind::wake, .at = *wake_});
        }
    }
    if (running_ > 0) return;
    over_ = true;
    out.push_back({.what = kind::fail});
}

bool dial_plan::runs(std::size_t index) const noexcept {
    return index < state_.size() && state_[index] == attempt::running;
}

std::ostream& operator<<(std::ostream& out, dial_action::kind what) {
    switch (what) {
        case kind::connect: return out << "connect";
        case kind::wake: return out << "wake";
        case kind::abandon: return out << "abandon";
        case kind::succeed: return out << "succeed";
        case kind::fail: return out << "fail";
    }
    return out << "dial_action::kind(" << static_cast<int>(what) << ")";
}

std::ostream& operator<<(std::ostream& out, const dial_action& action) {
    out << action.what;
    switch (action.what) {
        case kind::wake: {
            const auto at = std::chrono::duration_cast<std::chrono::microseconds>(action.at.time_since_epoch());
            return out << " at " << at.count() << " us";
        }
        case kind::fail: return out;
        default: return out << " address " << action.index;
    }
}

}  // namespace dbxapps::core
