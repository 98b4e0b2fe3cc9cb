#include <net/localhost.hpp>

#include <net/system_failure.hpp>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace dbxapps::net {
namespace {

int bind_to(int fd, int family, std::uint16_t port) {
    if (family == AF_INET) {
        sockaddr_in here{};
        here.sin_family = AF_INET;
        here.sin_port = htons(port);
        here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return ::bind(fd, reinterpret_cast<const sockaddr*>(&here), sizeof here);
    }
    sockaddr_in6 here{};
    here.sin6_family = AF_INET6;
    here.sin6_port = htons(port);
    here.sin6_addr = in6addr_loopback;
    return ::bind(fd, reinterpret_cast<const sockaddr*>(&here), sizeof here);
}

// A descriptor, or -1 with errno set.
int listening(int family, std::uint16_t port) {
    const int fd = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -1;
    const int on = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);  // earlier connections may linger
    if (family == AF_INET6) ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (bind_to(fd, family, port) == 0 && ::listen(fd, SOMAXCONN) == 0) return fd;
    const int why = errno;
    ::close(fd);
    errno = why;
    return -1;
}

std::uint16_t port_of(int fd) noexcept {
    sockaddr_in here{};
    socklen_t size = sizeof here;
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&here), &size);
    return ntohs(here.sin_port);
}

// By errno.
bool without_ipv6() noexcept { return errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL; }

result<localhost_port> listen_on_both(std::uint16_t port, const loop& where) {
    localhost_port out;
    for (const int family : {AF_INET, AF_INET6}) {
        const int fd = listening(family, family == AF_INET ? port : out.port);
        if (fd < 0 && family == AF_INET6 && without_ipv6()) break;
        if (fd < 0) return system_failure(family == AF_INET ? "listen on 127.0.0.1" : "listen on ::1");
        auto adopted = socket::adopt(fd, where);
        if (!adopted) return std::move(adopted).error();
        out.sockets.push_back(std::move(*adopted));
        if (family == AF_INET) out.port = port_of(fd);
    }
    return out;
}

}  // namespace

// What is free on the one address may be taken on the other; any port will do then.
result<localhost_port> listen_on_localhost(std::uint16_t port, const loop& where) {
    auto out = listen_on_both(port, where);
    for (int more = 4; !out && port == 0 && more > 0; --more)
        out = listen_on_both(port, where);
    return out;
}

}  // namespace dbxapps::net
