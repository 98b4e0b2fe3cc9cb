// Base64 (RFC 4648 section 4), hex digits and form encoding (WHATWG URL, application/x-www-form-urlencoded).
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
// base64url (section 5), with or without padding; nothing if it is not that.
std::optional<std::string> from_base64url(std::string_view);
std::string hex(std::span<const std::uint8_t>);  // in lower case
std::string form_encoded(std::string_view);
std::string form_body(const std::vector<std::pair<std::string_view, std::string_view>>& fields);

}  // namespace dbxapps::text
