// Waits on loopback for the browser that comes back from a login (RFC 8252 section 7.3), and shows a page.
//
// Browsers go to localhost, so it listens on both of its addresses: nobody else may have the port of one of them.
// Only the redirect with the right state ends the wait; whatever else comes gets 400 or 404, at most 16 connections at
// a time, each for 10 s and with a head of at most 8 KiB. No page shows anything that a visitor sent.
#pragma once

#include <net/loop.hpp>
#include <net/socket.hpp>
#include <net/stops.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace dbxapps::net {

class redirect_listener {
public:
    // Listens from now on, on the first of the ports that is free on 127.0.0.1 and, where there is IPv6, on ::1; 0 is
    // any. errc::connect_failed
    static result<redirect_listener> open(const std::vector<std::uint16_t>& ports, loop where);

    std::uint16_t port() const noexcept { return port_; }

    // The code, decoded. Once. errc::login_required: the answer is no, or none came by the deadline; cancelled; closed,
    // by `ends`. Cancellation: terminal. The port is free again afterwards.
    static asio::awaitable<result<std::string>> wait(redirect_listener, std::string state, time_point deadline,
                                                     std::shared_ptr<stops> ends = nullptr);

private:
    redirect_listener(std::vector<socket> listening, std::uint16_t port, loop where)
        : listening_(std::move(listening)), port_(port), loop_(std::move(where)) {}

    std::vector<socket> listening_;
    std::uint16_t port_;
    loop loop_;
};

}  // namespace dbxapps::net
