// A port of this machine's own: on 127.0.0.1 and, where there is IPv6, on ::1, so that nobody else has the half of it.
#pragma once

#include <net/loop.hpp>
#include <net/socket.hpp>

#include <cstdint>
#include <vector>

namespace dbxapps::net {

struct localhost_port {
    std::vector<socket> sockets;  // one for each address
    std::uint16_t port = 0;
};

// Listens on all of its addresses, or on none; 0 is any port. errc::connect_failed, with the system's word as its
// cause.
result<localhost_port> listen_on_localhost(std::uint16_t port, const loop& where);

}  // namespace dbxapps::net
