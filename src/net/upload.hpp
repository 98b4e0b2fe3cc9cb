// Sends a body that comes piece by piece (RFC 9112 section 7.1 when its size is not known), and hears meanwhile what
// the server says: an answer that comes early ends the sending, and with it the use of the connection.
//
// A source that hangs is left behind by the deadline, by cancellation and when the client closes. Memory: one piece and
// one frame.
#pragma once

#include <net/connection.hpp>

namespace dbxapps::net {

// To the beginning of the body; how large it is, or no_length. What the source throws is errc::bad_request.
result<std::uint64_t> begin_body(body_source&);

// `what`: what the connection needs next. The caller goes on from there; everything by reference outlives this.
asio::awaitable<void> upload(connection&, const wire_request&, time_point deadline, connection::need& what);

}  // namespace dbxapps::net
