// ASCII as HTTP means it (RFC 9110 sections 5.1 and 5.6.2): letter case, tokens, printable text. No locale.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace dbxapps::text {

constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_alpha(char c) noexcept { return lower(c) >= 'a' && lower(c) <= 'z'; }
constexpr bool is_alnum(char c) noexcept { return is_digit(c) || is_alpha(c); }

bool same(std::string_view a, std::string_view b) noexcept;  // letter case apart
std::string lowered(std::string_view);
std::string_view trimmed(std::string_view) noexcept;  // without spaces and tabs at both ends
bool is_token(std::string_view) noexcept;             // RFC 9110 section 5.6.2; not empty
bool is_field_value(std::string_view) noexcept;       // no control characters but tab
// Decimal digits only; nullopt for anything else or a number that does not fit.
std::optional<std::uint64_t> parse_number(std::string_view) noexcept;
// Bytes of a stranger for an error text: at most `limit` of them, whatever is not printable shown as '.'.
std::string printable(std::string_view, std::size_t limit);

// Lets a map of strings be asked with a view.
struct hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const noexcept { return std::hash<std::string_view>()(s); }
};

}  // namespace dbxapps::text
