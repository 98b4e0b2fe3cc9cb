// Ends a connection from any thread: by its deadline, or because the client closes.
//
// HTTP/1.1 has no other honest way to give up on an exchange. Shutting the descriptor down under this mutex is safe
// where touching the socket object is not; whoever waits on the socket wakes up and asks why() before reading any
// error.
#pragma once

#include <net/loop.hpp>

#include <dbxapps/error.hpp>

#include <atomic>
#include <mutex>
#include <optional>

namespace dbxapps::net {

class socket_guard final : public deadline_target {
public:
    void watch(int fd) noexcept;  // from now on end() works on it
    void forget() noexcept;       // before the descriptor is closed
    void end(errc why) noexcept;  // the first reason counts
    std::optional<errc> why() const noexcept {
        const int reason = why_.load(std::memory_order_acquire);
        return reason == 0 ? std::nullopt : std::optional(static_cast<errc>(reason));
    }
    void expire() noexcept override { end(errc::timed_out); }

private:
    std::mutex mutex_;
    int fd_ = -1;
    std::atomic<int> why_{0};  // written with the mutex
};

// A deadline that holds for as long as an operation runs.
class armed {
public:
    armed(const loop& l, deadline_target& t, time_point at) : state_(l.state()), target_(t) {
        state_.arm(t, at, l.executor());
    }
    ~armed() { state_.disarm(target_); }
    armed(const armed&) = delete;
    armed& operator=(const armed&) = delete;

private:
    loop_state& state_;
    deadline_target& target_;
};

}  // namespace dbxapps::net
