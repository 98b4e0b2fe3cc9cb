// A TCP port of 127.0.0.1, and descriptors listening on it. No child program inherits them.
#pragma once

#include <cstdint>
#include <utility>

namespace dbxapps::emulated {

class descriptor {
public:
    explicit descriptor(int fd = -1) noexcept : fd_(fd) {}
    ~descriptor();
    descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    descriptor& operator=(descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    int get() const noexcept { return fd_; }
    int release() noexcept { return std::exchange(fd_, -1); }

private:
    int fd_;
};

// Bound for as long as it lives, so that nobody else gets the port while its owner does not listen.
class reserved_port {
public:
    reserved_port();  // throws std::system_error
    std::uint16_t number() const noexcept { return number_; }
    descriptor listen() const;  // non-blocking; throws std::system_error

private:
    descriptor bound_;
    std::uint16_t number_ = 0;
};

// Waits for nobody: an empty descriptor and errno when no connection is there. Non-blocking, without Nagle's delay.
descriptor accept_from(int listening) noexcept;

}  // namespace dbxapps::emulated
