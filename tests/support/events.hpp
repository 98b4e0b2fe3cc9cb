// Feeds an event stream to the parser in pieces, and puts what came of it into one line.
#pragma once

#include <apps/event_stream.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dbxapps::support {

// "type|data|id; type|data|id; " and then the state: "failed: <words>", or the last event id, "held" if something of an
// event is, and the time to wait. `piece` gives the size of each piece.
inline std::string events(std::string_view text, event_limits limits, const std::function<std::size_t()>& piece) {
    apps::event_stream stream(limits);
    std::string out;
    while (!text.empty()) {
        // A copy of its own, so that a sanitizer sees any look beyond it.
        const std::vector<char> part(text.begin(), text.begin() + std::min(piece(), text.size()));
        text.remove_prefix(part.size());
        std::string_view left(part.data(), part.size());
        while (const auto e = stream.next(left))
            out += e->type + "|" + e->data + "|" + e->id + "; ";
        EXPECT_TRUE(left.empty());
    }
    if (stream.failed()) return out + "failed: " + stream.problem();
    out += "id='" + stream.last_event_id() + "'";
    if (stream.mid_event()) out += " held";
    if (stream.retry()) out += " retry=" + std::to_string(*stream.retry() / std::chrono::milliseconds(1));
    return out;
}

inline std::string events_whole(std::string_view text, event_limits limits) {
    return events(text, limits, [&] { return text.size(); });
}
inline std::string events_in_pieces(std::string_view text, event_limits limits, std::mt19937& random,
                                    std::size_t largest) {
    return events(text, limits, [&] { return std::uniform_int_distribution<std::size_t>(1, largest)(random); });
}

// The same however it is cut: whole, byte by byte, in two at every place, and in three with each byte between.
inline std::string events_of(std::string_view text, event_limits limits = {}) {
    const std::string whole = events_whole(text, limits);
    EXPECT_EQ(events(text, limits, [] { return std::size_t{1}; }), whole) << testing::PrintToString(text);
    for (std::size_t cut = 1; cut < text.size(); ++cut) {
        std::size_t next = cut;
        EXPECT_EQ(events(text, limits, [&] { return std::exchange(next, text.size()); }), whole)
            << "cut at " << cut << ": " << testing::PrintToString(text);
        int turn = 0;
        EXPECT_EQ(events(text, limits, [&] { return turn++ == 0 ? cut
                                                    : turn == 2 ? 1
                                                                : text.size(); }), whole)
            << "cut at " << cut << " and one behind: " << testing::PrintToString(text);
    }
    return whole;
}

}  // namespace dbxapps::support
