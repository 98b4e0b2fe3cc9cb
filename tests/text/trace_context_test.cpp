#include <dbxapps/trace_context.hpp>

#include <gtest/gtest.h>

namespace dbxapps {
namespace {

constexpr std::string_view example = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

std::string with(std::size_t at, std::string_view instead) {
    return std::string(example).replace(at, instead.size(), instead);
}

TEST(trace_context, what_is_read_is_written_again) {
    const auto c = parse_traceparent(example);
    ASSERT_TRUE(c);
    EXPECT_EQ(c->trace_id[0], 0x0a);
    EXPECT_EQ(c->trace_id[15], 0x9c);
    EXPECT_EQ(c->span_id[0], 0xb7);
    EXPECT_EQ(c->span_id[7], 0x31);
    EXPECT_TRUE(c->sampled);
    EXPECT_EQ(to_traceparent(*c), example);
}

TEST(trace_context, takes_what_the_standard_takes) {
    constexpr std::string_view zero16 = "0000000000000000";
    const std::pair<std::string, bool> rows[] = {
        {with(53, "00"), false},     {with(53, "02"), false},  // a flag of a later level
        {with(53, "03"), true},      {with(53, "ff"), true},
        {with(3, zero16), true},                             // half of the trace id may be zeros
        {with(19, zero16), true},    {with(0, "01"), true},  // of later versions, the beginning
        {with(0, "cc") + "-", true}, {with(0, "fe") + "-what the future will be like.", true},
    };
    for (const auto& [text, sampled] : rows) {
        const auto c = parse_traceparent(text);
        ASSERT_TRUE(c) << text;
        EXPECT_EQ(c->sampled, sampled) << text;
        EXPECT_EQ(to_traceparent(*c), "00" + text.substr(2, 50) + (sampled ? "-01" : "-00"));
    }
}

TEST(trace_context, refuses_what_the_standard_refuses) {
    const std::string rows[] = {
        "",
        "00",
        std::string(example.substr(0, 54)),
        with(0, "ff"),
        with(0, "ff") + "-more",
        std::string(example) + "-",  // version 00 ends there
        std::string(example) + "-more",
        std::string(example) + " ",
        " " + std::string(example),
        with(0, "01") + ".more",
        with(0, "01") + "0",
        with(3, "00000000000000000000000000000000"),
        with(36, "0000000000000000"),
        with(3, "0AF7651916CD43DD8448EB211C80319C"),
        with(36, "B7AD6B7169203331"),
        with(0, "0A"),
        with(53, "0A"),
        with(0, "0x"),
        with(3, "g"),
        with(3, "`"),  // the neighbours of the digits
        with(3, "/"),
        with(3, ":"),
        with(3, "-"),
        with(20, std::string_view("\0", 1)),
        with(36, "\xff"),
        with(53, "1-"),
        with(2, "_"),
        with(35, "_"),
        with(52, "_"),
    };
    for (const auto& text : rows)
        EXPECT_FALSE(parse_traceparent(text)) << text;
}

TEST(trace_context, a_child_belongs_to_the_trace_of_its_parent) {
    const auto parent = *parse_traceparent(example);
    const auto child = child_of(parent, 0x0123456789abcdef);
    EXPECT_EQ(to_traceparent(child), "00-0af7651916cd43dd8448eb211c80319c-0123456789abcdef-01");
    EXPECT_NE(child, parent);
    auto quiet = parent;
    quiet.sampled = false;
    EXPECT_FALSE(child_of(quiet, 1).sampled);
}

TEST(trace_context, a_new_trace_is_made_of_its_random_numbers) {
    const auto c = new_trace(0x0102030405060708, 0x1112131415161718, 0x2122232425262728, true);
    EXPECT_EQ(to_traceparent(c), "00-01020304050607081112131415161718-2122232425262728-01");
    EXPECT_EQ(to_traceparent(new_trace(1, 2, 3, false)).substr(53), "00");
}

TEST(trace_context, no_random_number_makes_it_invalid) {
    EXPECT_TRUE(new_trace(0, 0, 0, true).valid());
    EXPECT_TRUE(child_of(new_trace(1, 2, 3, true), 0).valid());
    EXPECT_FALSE(trace_context().valid());
    EXPECT_FALSE(child_of(trace_context(), 1).valid());
}

}  // namespace
}  // namespace dbxapps
