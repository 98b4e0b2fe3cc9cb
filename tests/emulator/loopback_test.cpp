#include <emulator/loopback.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>

namespace dbxapps::emulated {
namespace {

sockaddr_in own_address(int fd) {
    sockaddr_in here{};
    socklen_t size = sizeof here;
    EXPECT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&here), &size), 0);
    return here;
}

descriptor dial(std::uint16_t port) {
    descriptor fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in there{};
    there.sin_family = AF_INET;
    there.sin_port = htons(port);
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&there), sizeof there) != 0) return descriptor();
    return fd;
}

TEST(loopback, it_listens_on_127_0_0_1_and_nowhere_else) {
    const reserved_port port;
    const descriptor fd = port.listen();
    const auto here = own_address(fd.get());
    EXPECT_EQ(here.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
    EXPECT_EQ(ntohs(here.sin_port), port.number());
    EXPECT_NE(port.number(), 0);
}

TEST(loopback, a_reserved_port_refuses_until_it_listens_and_again_after) {
    const reserved_port port;
    EXPECT_LT(dial(port.number()).get(), 0);
    {
        const descriptor fd = port.listen();
        EXPECT_GE(dial(port.number()).get(), 0);
    }
    EXPECT_LT(dial(port.number()).get(), 0);
    const descriptor again = port.listen();
    EXPECT_GE(dial(port.number()).get(), 0);
}

TEST(loopback, two_listeners_on_one_port_are_refused) {
    const reserved_port port;
    const descriptor fd = port.listen();
    EXPECT_THROW(port.listen(), std::system_error);
}

TEST(loopback, no_child_inherits_a_descriptor_and_nothing_blocks) {
    const reserved_port port;
    const descriptor listening = port.listen();
    EXPECT_LT(accept_from(listening.get()).get(), 0);
    EXPECT_EQ(errno, EAGAIN);
    const descriptor client = dial(port.number());
    const descriptor accepted = accept_from(listening.get());
    for (const int fd : {listening.get(), accepted.get()}) {
        EXPECT_TRUE(::fcntl(fd, F_GETFD) & FD_CLOEXEC);
        EXPECT_TRUE(::fcntl(fd, F_GETFL) & O_NONBLOCK);
    }
    int no_delay = 0;
    socklen_t size = sizeof no_delay;
    ASSERT_EQ(::getsockopt(accepted.get(), IPPROTO_TCP, TCP_NODELAY, &no_delay, &size), 0);
    EXPECT_EQ(no_delay, 1);
}

}  // namespace
}  // namespace dbxapps::emulated
