#include <emulator/form.hpp>
#include <text/ascii.hpp>

#include <algorithm>
#include <cstdint>

namespace dbxapps::emulated {
namespace {

int base64_digit(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (text::is_digit(c)) return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

int hex_digit(char c) {
    if (text::is_digit(c)) return c - '0';
    const char low = text::lower(c);
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

}  // namespace

std::optional<std::string> base64_decoded(std::string_view s) {
    if (s.size() % 4 != 0) return std::nullopt;
    while (s.ends_with('=') && s.size() % 4 != 2)
        s.remove_suffix(1);
    std::string out;
    std::uint32_t bits = 0;
    int held = 0;
    for (const char c : s) {
        const int digit = base64_digit(c);
        if (digit < 0) return std::nullopt;
        bits = (bits << 6 | static_cast<std::uint32_t>(digit)) & 0xffffff;
        held += 6;
        if (held < 8) continue;
        held -= 8;
        out += static_cast<char>(bits >> held & 0xff);
    }
    return out;
}

std::optional<std::string> form_decoded(std::string_view s) {
    std::string out;
    for (std::size_t i = 0; i < s.size(); ++i) {
        if (s[i] != '%') {
            out += s[i] == '+' ? ' ' : s[i];
            continue;
        }
        if (i + 2 >= s.size()) return std::nullopt;
        const int high = hex_digit(s[i + 1]);
        const int low = hex_digit(s[i + 2]);
        if (high < 0 || low < 0) return std::nullopt;
        out += static_cast<char>(high << 4 | low);
        i += 2;
    }
    return out;
}

std::optional<form_fields> parse_form(std::string_view body) {
    form_fields fields;
    while (!body.empty()) {
        const auto end = std::min(body.find('&'), body.size());
        const std::string_view field = body.substr(0, end);
        body.remove_prefix(std::min(end + 1, body.size()));
        const auto equals = std::min(field.find('='), field.size());
        auto name = form_decoded(field.substr(0, equals));
        auto value = form_decoded(field.substr(std::min(equals + 1, field.size())));
        if (!name || !value) return std::nullopt;
        if (value->empty()) continue;
        if (!fields.emplace(std::move(*name), std::move(*value)).second) return std::nullopt;
    }
    return fields;
}

std::optional<std::pair<std::string, std::string>> basic_credentials(std::string_view authorization) {
    const auto space = authorization.find(' ');
    if (space == authorization.npos || !text::same(authorization.substr(0, space), "basic")) return std::nullopt;
    const auto pair = base64_decoded(text::trimmed(authorization.substr(space)));
    const auto colon = pair ? pair->find(':') : std::string::npos;
    if (colon == std::string::npos) return std::nullopt;
    auto id = form_decoded(std::string_view(*pair).substr(0, colon));
    auto secret = form_decoded(std::string_view(*pair).substr(colon + 1));
    if (!id || !secret) return std::nullopt;
    return std::pair(std::move(*id), std::move(*secret));
}

}  // namespace dbxapps::emulated
