// Base64 (RFC 4648 section 4), hex digits, form encoding (WHATWG URL, application/x-www-form-urlencoded) and
// percent-encoding (RFC 3986 section 2).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dbxapps::text {

std::string base64(std::string_view bytes);
std::string base64url(std::string_view bytes);  // section 5, without padding
// base64url, with or without padding; nothing if it is not that.
std::optional<std::string> from_base64url(std::string_view);
std::string hex(std::span<const std::uint8_t>);  // in lower case
std::string form_encoded(std::string_view);
std::string percent_encoded(std::string_view);  // all but RFC 3986's unreserved: fit for any part of a URL
std::optional<std::string> percent_decoded(std::string_view);  // nothing when a '%' has no two hex digits behind it
std::string form_body(const std::vector<std::pair<std::string_view, std::string_view>>& fields);

}  // namespace dbxapps::text
