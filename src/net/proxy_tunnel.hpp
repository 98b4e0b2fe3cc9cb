// A way through a proxy: TLS with the proxy if it wants that, then CONNECT (RFC 9110 section 9.3.6).
//
// Works on a connected socket. Whatever goes wrong is errc::proxy_failed, a deadline too; its cause is set when another
// try may go better. Not thread-safe but for the guard; not to be cancelled but by that.
#pragma once

#include <config/proxy.hpp>
#include <net/connect_answer.hpp>
#include <net/socket.hpp>
#include <net/socket_guard.hpp>
#include <net/tls_sessions.hpp>
#include <net/tls_stream.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace dbxapps::net {

// The proxies of one client or cache, and their TLS sessions.
struct proxies {
    config::proxy_rule rule;
    const std::shared_ptr<tls_sessions> sessions = std::make_shared<tls_sessions>(64);

    // errc::bad_config, see config::proxy_rule.
    static result<std::shared_ptr<const proxies>> make(const proxy_options&);
};

// Whatever a failure on the way to or through a proxy is, in the same words. `closed` stays what it is.
failure proxy_failure(const config::proxy&, const std::string& target, failure why);

class proxy_tunnel {
public:
    // `ssl`: for TLS with the proxy, which keeps its tickets in `sessions`. `target`: host:port as CONNECT wants it.
    proxy_tunnel(socket connected, ssl_ptr ssl, loop, const config::proxy&, std::string target,
                 std::shared_ptr<tls_sessions> sessions);
    ~proxy_tunnel() { guard_.forget(); }
    proxy_tunnel(const proxy_tunnel&) = delete;
    proxy_tunnel& operator=(const proxy_tunnel&) = delete;

    // A member of a shared_ptr's target that the caller holds for as long as the coroutine runs.
    asio::awaitable<result<void>> open(time_point deadline);
    socket_guard& guard() noexcept { return guard_; }

    // Once open: the socket, and the TLS stream on it through which everything goes; null: nothing between.
    socket take_socket() noexcept;
    std::shared_ptr<tls_stream> outer() const;

private:
    // Kept together, as the TLS object points to the sessions.
    struct line {
        std::shared_ptr<tls_sessions> sessions;
        tls_stream stream;
    };
    enum class part { handshake, request, answer };

    io_state step();
    io_state stopped(const io_result&);
    io_state fail(std::string what, std::string_view advice, error_code cause = {});
    io_state read_answer();
    io_state judge_answer();
    result<void> outcome(io_state last) const;
    failure ended() const;

    const config::proxy& by_;
    const std::string target_;
    socket socket_;
    const bool secure_;
    std::shared_ptr<line> line_;
    socket_guard guard_;
    loop loop_;
    part at_ = part::handshake;
    std::string request_;
    std::string_view unsent_;
    connect_answer answer_;
    failure why_;
};

}  // namespace dbxapps::net
