// Ends a connection from any thread: by its deadline, or because the client closes.
//
// HTTP/1.1 has no other honest way to give up on an exchange. Shutting the descriptor down under this mutex is safe
// where touching the socket object is not; whoever waits on the socket wakes up and asks why() before reading any
// error.
#pragma once

#include <net/loop.hpp>

#include <dbxapps/error.hpp>

#include <mutex>
#include <optional>

namespace dbxapps::net {

class socket_guard final : public deadline_target {
public:
    void watch(int fd) noexcept;  // from now on end() works on it
    void forget() noexcept;       // before the descriptor is closed
    void end(errc why) noexcept;  // the first reason counts
    std::optional<errc> why() const noexcept;
    void expire() noexcept override { end(errc::timed_out); }

private:
    mutable std::mutex mutex_;
    int fd_ = -1;
    std::optional<errc> why_;
};

}  // namespace dbxapps::net
