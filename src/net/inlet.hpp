// What a child process says, or the descriptor that tells its end.
//
// What waits for it only leaves a note and rings, so it may come on another thread; the rest is for one thread at a
// time. Nothing here waits or throws but for want of memory.
#pragma once

#include <net/bell.hpp>

#include <boost/asio/posix/stream_descriptor.hpp>

#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace dbxapps::net {

// A file descriptor, closed when it goes.
class descriptor {
public:
    explicit descriptor(int fd = -1) noexcept : fd_(fd) {}
    descriptor(descriptor&& from) noexcept : fd_(from.release()) {}
    descriptor& operator=(descriptor from) noexcept {
        std::swap(fd_, from.fd_);
        return *this;
    }
    ~descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    int get() const noexcept { return fd_; }
    int release() noexcept { return std::exchange(fd_, -1); }

private:
    int fd_;
};

class inlet {
public:
    inlet(const asio::any_io_executor& ex, const bell& news)
        : in_(ex), news_(news), told_(std::make_shared<std::atomic<bool>>(true)) {}

    bool open(descriptor);
    void watch();
    // Takes what has come; of more than `most`, what came last is dropped, or what came first. False: there is nothing
    // more to come.
    enum class kept { first, last };
    bool read(std::string& into, std::size_t most, kept);
    bool readable();
    int get() { return in_.is_open() ? in_.native_handle() : -1; }

private:
    void close();

    asio::posix::stream_descriptor in_;
    const bell news_;
    const std::shared_ptr<std::atomic<bool>> told_;
};

}  // namespace dbxapps::net
