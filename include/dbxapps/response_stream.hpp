// An answer whose body is read as it comes: what client::open gives. The head is there; the body follows piece by
// piece, unpacked if the client unpacks.
//
// Yours alone: distinct objects are safe, shared ones are not; one read at a time. May be read from a coroutine of any
// context. Destroyed before the end, it drops its connection, unless the rest has arrived already. While it is not over
// it counts as in flight and holds one of the origin's connections.
#pragma once

#include <dbxapps/error.hpp>
#include <dbxapps/response.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace dbxapps {

class response_stream {
public:
    response_stream(response_stream&&) noexcept = default;
    response_stream& operator=(response_stream&&) noexcept = default;
    ~response_stream() = default;
    response_stream() noexcept;  // empty: its status is 0, reading ends as errc::closed

    int status() const noexcept { return head().status(); }
    bool ok() const noexcept { return head().ok(); }
    std::optional<std::string_view> header(std::string_view name) const noexcept { return head().header(name); }
    const response& head() const noexcept;  // without a body

    // The next bytes, valid until the next read; empty: the body is complete. errc::timed_out: nothing came for
    // request::idle_within; errc::connection_lost: it broke off; errc::bad_response: its framing or coding is wrong;
    // errc::cancelled, errc::closed. After an error there is nothing more to read. Cancellation: terminal.
    boost::asio::awaitable<result<std::string_view>> read_some();

    class impl;  // private to the library
    explicit response_stream(std::shared_ptr<impl>) noexcept;

private:
    std::shared_ptr<impl> impl_;
};

}  // namespace dbxapps
