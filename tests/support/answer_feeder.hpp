// Feeds an answer to the parser in pieces, and puts what came of it into one line.
#pragma once

#include <net/answer_parser.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <string>
#include <string_view>

namespace dbxapps::support {

using net::answer_limits;
using net::answer_parser;

enum class ending { open, clean, unclean };  // does the connection end behind the bytes?

struct feeding {
    ending end = ending::open;
    bool answers_head = false;
    answer_limits limits;
};

// "200 keep 'body' A: 1|B: 2|", "more", or "failed <code>: <words>". `piece` gives the size of each piece.
inline std::string outcome(std::string_view text, const feeding& how, const std::function<std::size_t()>& piece) {
    using state = answer_parser::state;
    answer_parser parser;
    parser.start(how.answers_head, how.limits);
    state now = state::more;
    while (!text.empty() && now == state::more) {
        // A copy of its own, so that a sanitizer sees any look beyond it.
        const std::string part(text.substr(0, piece()));
        text.remove_prefix(part.size());
        now = parser.feed(part.data(), part.size());
    }
    if (now == state::more && how.end != ending::open) now = parser.end_of_stream(how.end == ending::clean);
    if (now == state::more) return "more";
    if (now == state::failed) {
        const auto code = static_cast<errc>(parser.why().code.value());
        return "failed " + std::string(to_string(code)) + ": " + parser.why().detail;
    }
    const bool keep = parser.keep_alive();
    const response r = parser.take();
    std::string out = std::to_string(r.status()) + (keep ? " keep '" : " close '") + r.body() + "' ";
    for (std::size_t i = 0; i < r.header_count(); ++i) {
        const auto [name, value] = r.header_at(i);
        out.append(name).append(": ").append(value).append("|");
    }
    return out;
}

inline std::string outcome_whole(std::string_view text, const feeding& how) {
    return outcome(text, how, [&] { return text.size(); });
}
inline std::string outcome_by_byte(std::string_view text, const feeding& how) {
    return outcome(text, how, [] { return std::size_t{1}; });
}
inline std::string outcome_in_pieces(std::string_view text, const feeding& how, std::mt19937& random,
                                     std::size_t largest) {
    return outcome(text, how, [&] { return std::uniform_int_distribution<std::size_t>(1, largest)(random); });
}

// The same however it is cut: whole, byte by byte, in two at every place, and in random pieces.
inline std::string outcome_of(std::string_view text, const feeding& how = {}) {
    const std::string whole = outcome_whole(text, how);
    EXPECT_EQ(outcome_by_byte(text, how), whole) << testing::PrintToString(text.substr(0, 300));
    for (std::size_t cut = 1; cut < std::min<std::size_t>(text.size(), 300); ++cut) {
        std::size_t next = cut;
        EXPECT_EQ(outcome(text, how, [&] { return std::exchange(next, text.size()); }), whole)
            << "cut at " << cut << ": " << testing::PrintToString(text.substr(0, 300));
    }
    std::mt19937 random(static_cast<unsigned>(text.size()));
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(outcome_in_pieces(text, how, random, 1 + text.size() / 4), whole)
            << testing::PrintToString(text.substr(0, 300));
    }
    return whole;
}

}  // namespace dbxapps::support
