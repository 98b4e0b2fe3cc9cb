// A response made from the text of an answer, as it would come from the wire.
#pragma once

#include <net/answer_parser.hpp>

#include <gtest/gtest.h>

#include <string_view>

namespace dbxapps::support {

inline response answer(std::string_view text, bool answers_head = false) {
    net::answer_parser parser;
    parser.start(answers_head, {});
    auto state = parser.feed(text.data(), text.size());
    if (state == net::answer_parser::state::more) state = parser.end_of_stream(true);
    EXPECT_EQ(state, net::answer_parser::state::complete) << text;
    return parser.take();
}

}  // namespace dbxapps::support
