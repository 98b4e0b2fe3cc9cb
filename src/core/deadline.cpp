#include <core/deadline.hpp>

#include <algorithm>
#include <ratio>

namespace dbxapps::core {

time_point no_later_than(time_point deadline, time_point now, duration limit) noexcept {
    if (limit > duration::zero()) {
        if (now > time_point::max() - limit) return deadline;
    } else if (now < time_point::min() - limit) {
        return time_point::min();
    }
    return std::min(deadline, now + limit);
}

deadline_list::deadline_list() noexcept { head_.prev_ = head_.next_ = &head_; }

void deadline_list::push_back(deadline_entry& entry) noexcept {
    entry.prev_ = head_.prev_;
    entry.next_ = &head_;
    head_.prev_->next_ = &entry;
    head_.prev_ = &entry;
}

void deadline_list::unlink(deadline_entry& entry) noexcept {
    entry.prev_->next_ = entry.next_;
    entry.next_->prev_ = entry.prev_;
    entry.prev_ = entry.next_ = nullptr;
}

deadline_wheel::deadline_wheel(time_point now) noexcept : current_(tick_of(now)) {}

std::int64_t deadline_wheel::tick_of(time_point at) noexcept {
    using ticks = std::chrono::duration<std::int64_t, std::ratio_multiply<std::ratio<tick.count()>, duration::period>>;
    return std::chrono::floor<ticks>(at.time_since_epoch()).count();
}

deadline_list& deadline_wheel::slot_of(std::int64_t a_tick) noexcept {
    return slot_[static_cast<std::uint64_t>(a_tick) % slots];
}

void deadline_wheel::arm(deadline_entry& entry, time_point at) noexcept {
    disarm(entry);
    entry.at_ = at;
    entry.in_wheel_ = true;
    ++size_;
    slot_of(std::max(tick_of(at), current_)).push_back(entry);
}

void deadline_wheel::disarm(deadline_entry& entry) noexcept {
    if (!entry.armed()) return;
    if (entry.in_wheel_) --size_;
    entry.in_wheel_ = false;
    deadline_list::unlink(entry);
}

void deadline_wheel::move_expired(deadline_list& slot, time_point now, deadline_list& expired) noexcept {
    for (auto* entry = &slot.front(); entry != &slot.head_;) {
        auto* const next = entry->next_;
        if (entry->at_ <= now) {
            disarm(*entry);
            expired.push_back(*entry);
        }
        entry = next;
    }
}

// The tick that `now` lies in has passed only in part, so its slot is looked at again the next time.
void deadline_wheel::advance(time_point now, deadline_list& expired) noexcept {
    const auto last = std::max(tick_of(now), current_);
    const auto one_round = std::min(last, current_ + static_cast<std::int64_t>(slots) - 1);
    for (auto a_tick = current_; a_tick <= one_round; ++a_tick)
        move_expired(slot_of(a_tick), now, expired);
    current_ = last;
}

}  // namespace dbxapps::core
