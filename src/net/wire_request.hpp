// One request as it goes on the wire (RFC 9112 section 3), in the pieces that it is made of: nothing is copied before
// there is a connection to write it to.
#pragma once

#include <dbxapps/body_source.hpp>
#include <text/url.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

namespace dbxapps::net {

class stops;

// What lies between the target and the caller's own fields, and is the same for every request to an origin.
std::string fixed_fields(const text::url&, std::string_view user_agent);

// A body small enough goes out together with the head: one write, one TLS record, one packet.
constexpr std::size_t small_body = 8 * 1024;

constexpr std::uint64_t no_length = std::numeric_limits<std::uint64_t>::max();

// What few requests have.
struct wire_extra {
    wire_extra() = default;
    wire_extra(const wire_extra&) = default;
    wire_extra& operator=(const wire_extra&) = default;
    ~wire_extra();

    std::shared_ptr<body_source> source;  // of a body that comes piece by piece; without length: chunked
    std::string fields;                   // "name: value\r\n" each; wiped
    std::shared_ptr<stops> closing;       // rings when nobody waits for the source any more
    mutable bool source_failed = false;  // that is how the exchange ended: neither the server's fault nor the network's
};

// Whoever makes one keeps what it points to, until the exchange is over.
struct wire_request {
    std::string_view method;
    std::string_view target;         // empty, or beginning with '/' or '?'
    std::string_view fixed;          // of fixed_fields()
    std::string_view authorization;  // the field's value; empty: no such field
    std::string_view fields;         // "name: value\r\n" each
    std::uint64_t content_length = no_length;
    std::string_view body;
    const wire_extra* extra = nullptr;
    bool repeatable = false;
    bool streamed = false;  // the answer's head is enough; its body is read later

    bool has_source() const noexcept { return extra && extra->source; }
    bool answers_head() const noexcept { return method == "HEAD"; }
    bool joins_body() const noexcept { return body.size() <= small_body; }
    // The head, and the body if it joins.
    std::size_t size() const;
    void write_to(char* where) const;  // so many bytes

private:
    template <class Each>
    void for_each_piece(Each) const;
};

}  // namespace dbxapps::net
