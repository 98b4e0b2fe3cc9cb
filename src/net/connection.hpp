// One connection to an origin and the exchanges it carries, one after the other.
//
// A lease on it is exclusive, so it needs no strand; end() alone may be called from any thread. Cancellation of an
// exchange: terminal; whatever was cut short, the connection is not to be used again (reusable() says so).
#pragma once

#include <core/retry_policy.hpp>
#include <core/reuse_rule.hpp>
#include <net/answer_parser.hpp>
#include <net/loop.hpp>
#include <net/socket_guard.hpp>
#include <net/tls_stream.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <optional>
#include <string>

namespace dbxapps::net {

// What goes out: the whole head, ready, and what follows it. Both live until the exchange ends.
struct outgoing {
    std::string_view head;
    std::string_view body;
    bool answers_head = false;  // the method is HEAD
    answer_limits limits;
};

struct exchange_result {
    std::optional<response> answer;
    failure why;  // without an answer
    core::connection_fault fault = core::connection_fault::other;
    bool written = false;
    bool response_started = false;
};

class connection {
public:
    connection(asio::ip::tcp::socket, ssl_ptr, loop, std::string peer, std::shared_ptr<tls_sessions> sessions);
    ~connection();
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    // Members of a shared_ptr's target that the caller holds for as long as the coroutine runs.
    asio::awaitable<result<void>> handshake(time_point deadline);
    asio::awaitable<exchange_result> exchange(const outgoing&, time_point deadline);

    bool reusable(time_point now, const core::reuse_limits&);  // after an exchange
    bool still_quiet();                                        // at checkout, after a while
    bool resumed() const noexcept { return stream_.resumed(); }
    void end(errc why) noexcept { guard_.end(why); }  // any thread
    void retire() noexcept { polite_ = true; }        // healthy, but not needed: says goodbye when destroyed

private:
    enum class readiness { ready, ended, cancelled };
    asio::awaitable<readiness> wait(asio::ip::tcp::socket::wait_type);
    asio::awaitable<std::optional<exchange_result>> send_all(std::string_view, std::uint64_t sent_before);
    std::optional<exchange_result> receive(std::uint64_t sent_before);  // nothing: wait for more
    exchange_result answered();
    exchange_result fail(failure, core::connection_fault, std::uint64_t sent_before) const;
    exchange_result fail(const io_result&, std::string_view doing, std::uint64_t sent_before) const;
    exchange_result fail(readiness, std::string_view doing, std::uint64_t sent_before) const;
    failure handshake_failure(const io_result&) const;
    failure ended_failure(std::string_view doing) const;

    std::shared_ptr<tls_sessions> sessions_;  // the TLS object points to them
    asio::ip::tcp::socket socket_;
    tls_stream stream_;
    socket_guard guard_;
    loop loop_;
    std::string peer_;  // for error texts: host:port
    time_point opened_;
    answer_parser parser_;
    bool complete_ = false;
    bool polite_ = false;
};

}  // namespace dbxapps::net
