// What can go wrong, as a value (`failure`, `result`) and as an exception (`error`).
//
// Branch on `failure::code`; show `failure::detail` to a person. No text here ever holds a token or a secret.
// Distinct objects: safe. Shared objects: unsafe.
#pragma once

#include <dbxapps/time.hpp>

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>
#include <boost/system/system_error.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace dbxapps {

using boost::system::error_code;

enum class errc {
    timed_out = 1,       // the call's deadline passed; detail says what it was waiting for
    cancelled,           // terminal cancellation of the caller's coroutine
    closed,              // the client or cache was closed, is empty, or its io_context is gone
    overloaded,          // a bounded queue is full
    bad_request,         // the request itself cannot be sent as written
    resolve_failed,      // the host name has no address
    connect_failed,      // no address of the host accepted a connection
    tls_failed,          // handshake or certificate
    proxy_failed,        // the proxy cannot be reached, refused, stalled or answered nonsense
    connection_lost,     // the connection ended in the middle of an exchange
    bad_response,        // the answer is not HTTP, or breaks its rules
    response_too_large,  // the head or the body is over its limit
    truncated_stream,    // a stream ended without its end marker
    token_refused,       // the token endpoint says no for good: wrong secret, revoked grant
    token_unavailable,   // no token could be fetched for now
    login_required,      // a person has to log in
    bad_config,          // a setting is missing or contradicts another
    not_signed_in,       // the front door does not accept the token
    no_permission,       // the front door knows the caller and says no
    ip_blocked,          // the caller's address is not on the workspace's list
    private_link,        // the workspace is reachable by private link only
    app_not_found,       // no such app
    app_stopped,         // the app is not running
    app_unavailable,     // the app is starting or crashed
    front_door_timeout,  // the front door gave up waiting for the app
    rate_limited,        // too many requests
    circuit_open,        // the app failed so often that calls fail fast for a while
    host_not_allowed,    // the token may not go to this host
};

const boost::system::error_category& error_category() noexcept;
error_code make_error_code(errc) noexcept;
std::string_view to_string(errc) noexcept;  // "timed_out"

struct failure {
    error_code code;                // always of error_category()
    error_code cause;               // what the system said, if it said anything
    std::string detail;             // what was tried, against which host, what came back, what to do next
    int status = 0;                 // HTTP status, if one came
    bool may_have_arrived = false;  // the server may have seen the request
    int attempts = 0;               // how often it was sent
    std::string request_id;         // the server's x-request-id, if one came
    std::optional<duration> retry_after;

    failure() = default;
    failure(errc code, std::string detail, error_code cause = error_code());
    bool is(errc c) const noexcept { return code == make_error_code(c); }
};

template <class T>
using result = boost::system::result<T, failure>;

// What the throwing half of the surface throws. what() reads "<code>: <detail>".
class error : public boost::system::system_error {
public:
    explicit error(failure f);
    const failure& why() const noexcept { return why_; }
    const char* what() const noexcept override { return text_.c_str(); }

private:
    failure why_;
    std::string text_;
};

[[noreturn]] void throw_exception_from_error(const failure&, const boost::source_location&);

}  // namespace dbxapps

template <>
struct boost::system::is_error_code_enum<dbxapps::errc> : std::true_type {};
