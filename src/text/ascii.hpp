// ASCII as HTTP means it (RFC 9110 sections 5.1 and 5.6.2): letter case, tokens, printable text. No locale.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dbxapps::text {

constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_alpha(char c) noexcept { return lower(c) >= 'a' && lower(c) <= 'z'; }
constexpr bool is_alnum(char c) noexcept { return is_digit(c) || is_alpha(c); }

namespace detail {
constexpr std::array<bool, 256> token_chars = [] {
    std::array<bool, 256> out{};
    for (int c = 0; c < 128; ++c)
        out[static_cast<std::size_t>(c)] = is_alnum(static_cast<char>(c));
    for (const char c : std::string_view("!#$%&'*+-.^_`|~"))
        out[static_cast<std::size_t>(c)] = true;
    return out;
}();
bool same_letters(std::string_view a, std::string_view b) noexcept;
}  // namespace detail

constexpr bool is_token_char(char c) noexcept { return detail::token_chars[static_cast<unsigned char>(c)]; }
constexpr bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }
constexpr bool is_control(char c) noexcept { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

inline bool same(std::string_view a, std::string_view b) noexcept {  // letter case apart
    return a.size() == b.size() && detail::same_letters(a, b);
}
std::string lowered(std::string_view);
inline std::string_view trimmed(std::string_view s) noexcept {  // without spaces and tabs at both ends
    while (!s.empty() && is_blank(s.front()))
        s.remove_prefix(1);
    while (!s.empty() && is_blank(s.back()))
        s.remove_suffix(1);
    return s;
}
std::vector<std::string> words_of(std::string_view);  // what stands between spaces
bool is_token(std::string_view) noexcept;             // RFC 9110 section 5.6.2; not empty
// The place of the first control character; the size of the text, if there is none.
std::size_t find_control(std::string_view) noexcept;
bool is_field_value(std::string_view) noexcept;  // no control characters but tab
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
