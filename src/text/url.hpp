// An absolute http or https URL, taken apart strictly (RFC 3986, RFC 9110 section 4.2). Pure.
//
// Userinfo, backslashes, spaces, control and non-ASCII characters are refused rather than repaired: what a lenient
// parser reads differently from the server is how tokens reach strangers. A fragment is dropped.
#pragma once

#include <dbxapps/error.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace dbxapps::text {

struct url {
    bool secure = true;      // https
    std::string host;        // lower case; an IPv6 literal without its brackets
    std::uint16_t port = 0;  // never 0
    std::string target;      // path and query, at least "/"
    bool ip_literal = false;

    bool default_port() const noexcept { return port == (secure ? 443 : 80); }
    std::string authority() const;      // as the Host field wants it: port only if it is not the scheme's own
    std::string origin() const;         // https://host:port, the port always
    std::string without_query() const;  // for error texts: a query may hold secrets
};

// For error texts: without user, query and fragment, all of which may hold secrets; printable, and not for long.
std::string shown_url(std::string_view);

result<url> parse_url(std::string_view);

// The same text cut in two, unchecked: what names the origin ("https://host:port") and what is asked of it, without a
// fragment: empty, or beginning with '/' or '?'.
struct url_parts {
    std::string_view origin, target;
};
url_parts split_url(std::string_view) noexcept;
bool is_sound(std::string_view) noexcept;  // no character that a URL must not hold
constexpr std::size_t longest_url = 65536;

// localhost, 127.0.0.0/8 and ::1, by name or literal. Names are not looked up.
bool is_loopback(std::string_view host) noexcept;

}  // namespace dbxapps::text
