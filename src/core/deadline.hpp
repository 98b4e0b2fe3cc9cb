// Deadlines as plain values, and a wheel that finds the ones that have passed.
//
// Laws: an entry never expires early, expires at most one tick after its time once `advance` is called every tick, and
// expires once. Arming and disarming cost a few pointer writes; nothing is allocated. Not thread-safe: the owner locks.
#pragma once

#include <dbxapps/time.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace dbxapps::core {

// The earlier of a deadline and a limit counted from now: below a call, a limit may only shorten its time.
time_point no_later_than(time_point deadline, time_point now, duration limit) noexcept;

// One armed deadline. The owner keeps it alive, and at one address, while it is armed.
class deadline_entry {
public:
    deadline_entry() = default;
    deadline_entry(const deadline_entry&) = delete;
    deadline_entry& operator=(const deadline_entry&) = delete;
    bool armed() const noexcept { return next_ != nullptr; }
    time_point at() const noexcept { return at_; }

private:
    friend class deadline_wheel;
    friend class deadline_list;
    time_point at_{};
    deadline_entry* prev_ = nullptr;
    deadline_entry* next_ = nullptr;
    bool in_wheel_ = false;  // not so in a list of expired entries
};

// A circular list of entries with a sentinel.
class deadline_list {
public:
    deadline_list() noexcept;
    deadline_list(const deadline_list&) = delete;
    deadline_list& operator=(const deadline_list&) = delete;
    bool empty() const noexcept { return head_.next_ == &head_; }
    deadline_entry& front() noexcept { return *head_.next_; }
    void push_back(deadline_entry&) noexcept;
    // Leaves it disarmed. Not for an entry that has not expired yet: deadline_wheel::disarm() is.
    static void unlink(deadline_entry&) noexcept;

private:
    friend class deadline_wheel;
    deadline_entry head_;
};

class deadline_wheel {
public:
    static constexpr duration tick = std::chrono::milliseconds(10);
    static constexpr std::size_t slots = 512;

    explicit deadline_wheel(time_point now) noexcept;
    void arm(deadline_entry&, time_point at) noexcept;  // an armed entry moves; a time past expires at the next advance
    void disarm(deadline_entry&) noexcept;  // nothing happens if it is not armed; an expired one is unlinked
    // Moves every entry with at() <= now to `expired`, where each still counts as armed until unlinked.
    void advance(time_point now, deadline_list& expired) noexcept;
    std::size_t size() const noexcept { return size_; }  // without the expired

private:
    static std::int64_t tick_of(time_point) noexcept;  // the tick that the given time lies in
    deadline_list& slot_of(std::int64_t a_tick) noexcept;
    void move_expired(deadline_list& slot, time_point now, deadline_list& expired) noexcept;

    std::array<deadline_list, slots> slot_;
    std::int64_t current_;  // nothing of an earlier tick is left in the wheel
    std::size_t size_ = 0;
};

}  // namespace dbxapps::core
