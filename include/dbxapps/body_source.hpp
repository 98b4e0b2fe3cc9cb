// A request's body that comes piece by piece: from a file, or from a coroutine of your own. Memory stays constant.
//
// One call at a time; not thread-safe. It is read on the executor of the call (the client's, for a caller on another
// context), no further ahead than the connection takes. What it throws ends the call as errc::bad_request. An answer
// that begins before all of the body is sent ends the sending when the call is client::open, a whole one always.
#pragma once

#include <dbxapps/error.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace dbxapps {

class body_source {
public:
    virtual ~body_source() = default;

    // Before anything is read, and again whenever the body has to be sent anew: back to its beginning, or what stands
    // against that. Calls nothing that waits.
    virtual result<void> begin() = 0;
    // The next bytes, valid until the next call of a member; empty: that was all. A failure ends the call. When the
    // call ends meanwhile, the read goes on by itself and its outcome is dropped.
    virtual boost::asio::awaitable<result<std::string_view>> read() = 0;
    // In bytes, known once begun: sent as Content-Length. Without it the body goes out chunked (RFC 9112 section 7.1).
    virtual std::optional<std::uint64_t> size() const { return std::nullopt; }
    // Whether begin() works a second time: if not, a request is never sent again once its body was read.
    virtual bool may_begin_again() const noexcept { return false; }
};

// The bytes of a file, as many as it has when the call begins; read where it is, without a thread. What cannot be read
// ends the call as errc::bad_request, before anything is sent.
std::shared_ptr<body_source> file_body(std::string path);

// What `next` gives, call after call, until it gives an empty string. It is not asked again after a failure.
std::shared_ptr<body_source> generated_body(std::function<boost::asio::awaitable<result<std::string>>()> next);

}  // namespace dbxapps
