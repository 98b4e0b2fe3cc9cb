// A connected, non-blocking TCP socket and the waits for it. Owns the descriptor. Not thread-safe; one wait at a time.
//
// Asio's own would do for everything but speed: see net/poller.hpp. Cancellation: terminal.
#pragma once

#include <net/loop.hpp>

#include <boost/asio/async_result.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <utility>

namespace dbxapps::net {

class socket {
public:
    socket() = default;
    // Takes a descriptor that is connected, or about to be. errc::connect_failed
    static result<socket> adopt(int fd, const loop&);
    // Begins to connect: when there is output() to wait for, connected() tells how it went.
    static result<socket> connect(const asio::ip::tcp::endpoint&, const loop&);
    socket(socket&& from) noexcept
        : fd_(std::exchange(from.fd_, -1)),
          entry_(std::exchange(from.entry_, nullptr)),
          state_(std::move(from.state_)) {}
    socket& operator=(socket from) noexcept {
        std::swap(fd_, from.fd_);
        std::swap(entry_, from.entry_);
        state_.swap(from.state_);
        return *this;
    }
    ~socket();

    int descriptor() const noexcept { return fd_; }
    error_code connected() const noexcept;
    void stir() noexcept { state_->sockets().stir(*entry_); }  // the next wait only goes through the queue

    // void(unsigned): which of poller::input, output, over and urgent; 0 when cancelled.
    template <class Token>
    auto wait(unsigned what, Token&& token) {
        return asio::async_initiate<Token, void(unsigned)>(
            [this, what](auto handler) { state_->sockets().wait(*entry_, what, std::move(handler)); }, token);
    }

private:
    int fd_ = -1;
    poller::entry* entry_ = nullptr;
    std::shared_ptr<loop_state> state_;
};

}  // namespace dbxapps::net
