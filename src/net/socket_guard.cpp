#include <net/socket_guard.hpp>

#include <sys/socket.h>

namespace dbxapps::net {

void socket_guard::watch(int fd) noexcept {
    std::lock_guard lock(mutex_);
    fd_ = fd;
    if (why_.load() != 0) ::shutdown(fd_, SHUT_RDWR);
}

void socket_guard::forget() noexcept {
    std::lock_guard lock(mutex_);
    fd_ = -1;
}

void socket_guard::end(errc why) noexcept {
    std::lock_guard lock(mutex_);
    if (why_.load() != 0) return;
    why_.store(static_cast<int>(why), std::memory_order_release);
    if (fd_ >= 0) ::shutdown(fd_, SHUT_RDWR);
}

}  // namespace dbxapps::net
