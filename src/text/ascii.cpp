#include <text/ascii.hpp>

#include <algorithm>
#include <charconv>

namespace dbxapps::text {

bool same(std::string_view a, std::string_view b) noexcept {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] != b[i] && lower(a[i]) != lower(b[i])) return false;
    }
    return true;
}

std::string lowered(std::string_view s) {
    std::string out(s);
    std::transform(out.begin(), out.end(), out.begin(), lower);
    return out;
}

std::string_view trimmed(std::string_view s) noexcept {
    const auto blank = [](char c) { return c == ' ' || c == '\t'; };
    while (!s.empty() && blank(s.front()))
        s.remove_prefix(1);
    while (!s.empty() && blank(s.back()))
        s.remove_suffix(1);
    return s;
}

bool is_token(std::string_view s) noexcept {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !s.empty() &&
           std::all_of(s.begin(), s.end(), [&](char c) { return is_alnum(c) || marks.find(c) != marks.npos; });
}

bool is_field_value(std::string_view s) noexcept {
    return std::all_of(s.begin(), s.end(), [](char c) {
        const auto u = static_cast<unsigned char>(c);
        return c == '\t' || (u >= 0x20 && u != 0x7f);
    });
}

std::optional<std::uint64_t> parse_number(std::string_view s) noexcept {
    std::uint64_t value = 0;
    const auto [end, ec] = std::from_chars(s.data(), s.data() + s.size(), value);
    if (s.empty() || !is_digit(s[0]) || ec != std::errc() || end != s.data() + s.size()) return std::nullopt;
    return value;
}

std::string printable(std::string_view s, std::size_t limit) {
    std::string out(s.substr(0, limit));
    std::replace_if(
        out.begin(), out.end(), [](char c) { return c < 0x20 || c > 0x7e; }, '.');
    if (s.size() > limit) out += "...";
    return out;
}

}  // namespace dbxapps::text
