// May this connection carry another exchange? One rule, asked when an exchange ends and again at checkout.
#pragma once

#include <dbxapps/time.hpp>

#include <iosfwd>
#include <optional>

namespace dbxapps::core {

struct reuse_limits {
    duration idle_within = std::chrono::seconds(25);  // the front door is thought to close at 30 s
    duration age_within = std::chrono::hours(1);      // so that a change of DNS is seen one day
    // Idle for longer: look at the socket before use. What came unasked must not pass for an answer (RFC 9112 section
    // 9.2); what came with the last answer was seen then.
    duration look_again_after = std::chrono::milliseconds(1);
};

// What the connection looked like when the exchange ended.
struct exchange_end {
    bool message_complete = false;  // the whole response was read
    bool keep_alive = false;        // RFC 9112 section 9.3, by version and Connection field
    bool bytes_pending = false;     // decrypted bytes beyond the response (SSL_pending)
    bool peek_wants_read = false;   // SSL_peek: nothing there, and no end of stream
    bool in_time = false;           // nobody ended it (deadline, close) meanwhile
    duration age{};                 // since it was opened
};

enum class reuse_verdict {
    keep,         // back to the pool
    incomplete,   // the response was not read to its end
    not_kept,     // the server (or we) said it closes
    stray_bytes,  // something beyond the response came: the framing cannot be trusted
    dead,         // end of stream or an error was seen
    ended,        // a deadline or close() ended it
    too_old,
};
std::ostream& operator<<(std::ostream&, reuse_verdict);

// The first clause that fits wins, in the order of the enumerators after `keep`, `ended` first of all.
reuse_verdict judge_reuse(const exchange_end&, const reuse_limits&) noexcept;

enum class checkout_verdict {
    use,   // fresh enough
    look,  // idle for a while, or too much at stake: peek at the socket first
    drop,  // idle for too long
};
std::ostream& operator<<(std::ostream&, checkout_verdict);
// A request that may not repeat is never sent again once it is out, so it is worth a look every time.
checkout_verdict judge_checkout(duration idle_for, bool may_repeat, const reuse_limits&) noexcept;

}  // namespace dbxapps::core
