// What the targets share: properties that end the program when they do not hold, and parts of the input.
#pragma once

#include <dbxapps/error.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace dbxapps::fuzz {

inline void require(bool holds, std::string_view property, std::string_view seen = {}) {
    if (holds) return;
    std::fprintf(stderr, "does not hold: %.*s\nseen: %.*s\n", static_cast<int>(property.size()), property.data(),
                 static_cast<int>(seen.size()), seen.data());
    std::abort();
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

// Takes the first line away from `text`.
inline std::string_view take_line(std::string_view& text) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    return line;
}

inline bool holds(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

inline bool is_printable(std::string_view s) {
    return std::all_of(s.begin(), s.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

// A failure tells a person something that a terminal can show, and not too much of it.
inline void require_words(const failure& why, std::size_t limit) {
    require(why.code.category() == error_category() && why.code.value() != 0, "a failure has a code", why.detail);
    require(!why.detail.empty(), "a failure has words");
    require(is_printable(why.detail), "the words of a failure are printable", why.detail);
    require(why.detail.size() <= limit, "the words of a failure are bounded", why.detail);
}

}  // namespace dbxapps::fuzz
