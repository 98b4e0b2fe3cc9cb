// One connection to an origin and the exchanges it carries, one after the other.
//
// A lease on it is exclusive, so it needs no strand; end() alone may be called from any thread. Cancellation of an
// exchange: terminal; whatever was cut short, the connection is not to be used again (reusable() says so).
#pragma once

#include <core/retry_policy.hpp>
#include <core/reuse_rule.hpp>
#include <net/answer_parser.hpp>
#include <net/loop.hpp>
#include <net/socket.hpp>
#include <net/socket_guard.hpp>
#include <net/tls_stream.hpp>
#include <net/wire_request.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/deferred.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace dbxapps::net {

// An exchange that ended without an answer.
struct exchange_failure {
    failure why;
    core::connection_fault fault = core::connection_fault::other;
    bool written = false;
    bool response_started = false;
};

class connection {
public:
    // `outer`: TLS with a proxy, through which all of it goes; null: none.
    connection(socket, ssl_ptr, loop, std::string peer, std::shared_ptr<tls_sessions> sessions,
               std::shared_ptr<tls_stream> outer = nullptr);
    ~connection();
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    // Members of a shared_ptr's target that the caller holds for as long as the coroutine runs.
    asio::awaitable<result<void>> handshake(time_point deadline);

    // One exchange, in steps that never wait. begin() it; then, as long as something is needed, await that and say how
    // it went. `request` stays until nothing is needed any more; then there is an answer or a failure to take.
    enum class need : unsigned {
        nothing = 0,
        input = poller::input,
        output = poller::output,
        room = poller::input | poller::output,
        body = 1u << 8,  // more of it: supply()
    };
    need begin(const wire_request& request, const answer_limits&);
    auto wait_for(need what) { return socket_.wait(static_cast<unsigned>(what), asio::deferred); }
    need came(unsigned ready);  // what wait_for() gave: nothing when the caller was cancelled
    bool answered() const noexcept { return complete_ || (streamed_ && !failed_ && parser_.headed()); }
    bool complete() const noexcept { return complete_; }
    response take_answer() { return parser_.take(); }
    // Of an answer whose body is read later: goes on with it. Nothing needed: a piece is there, or the end, or a
    // failure.
    need more();
    need look() {  // the same, without belief in what was found dry
        stream_.refill();
        return more();
    }
    bool take_piece(std::string& piece) { return parser_.take_body(piece); }
    bool failed() const noexcept { return failed_.has_value(); }
    // Of a request whose body comes piece by piece. `piece` stays until it is not sending() any more.
    need supply(std::string_view piece, bool last);
    bool sending() const noexcept { return wants_body_ || !unsent_.empty(); }
    void stop_sending() noexcept;  // what is left of the request is not sent any more
    need give_up(failure why) { return fail(std::move(why), core::connection_fault::other); }
    exchange_failure take_failure() { return std::move(*failed_); }

    socket_guard& guard() noexcept { return guard_; }
    bool reusable(time_point now, const core::reuse_limits&);  // after an exchange
    bool still_quiet();                                        // at checkout, after a while
    bool resumed() const noexcept { return stream_.resumed(); }
    void end(errc why) noexcept { guard_.end(why); }  // any thread
    void rest() noexcept;                             // between two leases: frees what is made anew when it is needed
    void retire() noexcept { polite_ = true; }        // healthy, but not needed: says goodbye when destroyed

private:
    need send_head(const wire_request&);
    need send();
    need receive();
    need again();
    need sending_failed(const io_result&);
    need answer_failed();
    need fail(failure, core::connection_fault);
    need fail(const io_result&);
    void refill(unsigned ready) noexcept;
    std::string_view doing() const noexcept;
    result<void> shaken(const io_result&);
    failure handshake_failure(const io_result&) const;
    failure ended_failure(std::string_view doing) const;

    std::shared_ptr<tls_sessions> sessions_;  // the TLS object points to them
    socket socket_;
    tls_stream stream_;
    socket_guard guard_;
    loop loop_;
    std::string peer_;  // for error texts: host:port
    time_point opened_;
    answer_parser parser_;
    std::string output_;                     // of the head of the request at hand, what the socket did not take at once
    std::string_view unsent_, unsent_body_;  // what is left of it, and what comes after it
    std::uint64_t sent_before_ = 0;
    std::optional<exchange_failure> failed_;
    bool complete_ = false;
    bool streamed_ = false;    // the head is enough
    bool wants_body_ = false;  // more of the request is to come
    bool cut_ = false;         // not all of the request went out
    bool polite_ = false;
};

}  // namespace dbxapps::net
