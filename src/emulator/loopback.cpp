#include <emulator/loopback.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace dbxapps::emulated {
namespace {

void must(int result, const char* what) {
    if (result < 0) throw std::system_error(errno, std::generic_category(), what);
}

// With SO_REUSEADDR several sockets may share the port as long as one at most listens.
descriptor bound_socket(std::uint16_t port) {
    descriptor fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    must(fd.get(), "emulator: socket");
    const int on = 1;
    must(::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), "emulator: SO_REUSEADDR");
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_port = htons(port);
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    must(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&here), sizeof here), "emulator: bind to 127.0.0.1");
    return fd;
}

}  // namespace

descriptor::~descriptor() {
    if (fd_ >= 0) ::close(fd_);
}

reserved_port::reserved_port() : bound_(bound_socket(0)) {
    sockaddr_in here{};
    socklen_t size = sizeof here;
    must(::getsockname(bound_.get(), reinterpret_cast<sockaddr*>(&here), &size), "emulator: getsockname");
    number_ = ntohs(here.sin_port);
}

descriptor reserved_port::listen() const {
    descriptor fd = bound_socket(number_);
    must(::listen(fd.get(), SOMAXCONN), "emulator: listen");
    return fd;
}

descriptor accept_from(int listening) noexcept {
    descriptor fd(::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    const int on = 1;
    if (fd.get() >= 0) ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

}  // namespace dbxapps::emulated
