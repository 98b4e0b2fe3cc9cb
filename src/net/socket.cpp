#include <net/socket.hpp>
#include <net/system_failure.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace dbxapps::net {
result<socket> socket::adopt(int fd, const loop& where) {
    socket out;
    out.fd_ = fd;
    auto entry = where.state().sockets().add(fd, where.executor());
    if (!entry) return std::move(entry).error();
    out.entry_ = *entry;
    out.state_ = where.state().shared_from_this();
    return out;
}

// A descriptor that is registered before it connects would be reported as hung up.
result<socket> socket::connect(const asio::ip::tcp::endpoint& to, const loop& where) {
    const int family = to.address().is_v6() ? AF_INET6 : AF_INET;
    socket made;
    made.fd_ = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (made.fd_ < 0) return system_failure("no socket");
    const int on = 1;
    ::setsockopt(made.fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(made.fd_, to.data(), static_cast<socklen_t>(to.size())) != 0 && errno != EINPROGRESS) {
        return system_failure("connect");
    }
    return adopt(std::exchange(made.fd_, -1), where);
}

error_code socket::connected() const noexcept {
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
    return {error, boost::system::system_category()};
}

socket::~socket() {
    if (entry_) state_->sockets().remove(*entry_);
    if (fd_ >= 0) ::close(fd_);
}

}  // namespace dbxapps::net
