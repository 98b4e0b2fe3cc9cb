// Words for a person to paste into a shell.
#pragma once

#include <text/ascii.hpp>

#include <algorithm>
#include <string>
#include <string_view>

namespace dbxapps::text {

// As it is if no shell reads anything into it, else in single quotes (POSIX, XCU 2.2.2).
inline std::string shell_quoted(std::string_view s) {
    const bool plain = !s.empty() && std::all_of(s.begin(), s.end(), [](char c) {
        return is_alnum(c) || c == '-' || c == '_' || c == '.' || c == '/' || c == ':' || c == '@';
    });
    if (plain) return std::string(s);
    std::string out = "'";
    for (const char c : s)
        out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

}  // namespace dbxapps::text
