// Header fields as one text, "name: value\r\n" each (RFC 9112 section 5), well-formed and not folded.
#pragma once

#include <optional>
#include <string_view>

namespace dbxapps::text {

// The value of the next field of that name, letter case apart; `left` then begins behind it. Nothing: `left` is empty.
std::optional<std::string_view> next_field(std::string_view& left, std::string_view name) noexcept;

}  // namespace dbxapps::text
