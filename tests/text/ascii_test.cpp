#include <text/ascii.hpp>

#include <gtest/gtest.h>

#include <limits>

namespace dbxapps::text {
namespace {

using namespace std::string_view_literals;

TEST(ascii, letter_case_is_changed_in_ascii_letters_only) {
    EXPECT_EQ(lowered("AZaz09-_[@`{"), "azaz09-_[@`{");
    EXPECT_EQ(lowered("\xc4\xd6"), "\xc4\xd6");  // letters in Latin-1, with lower-case forms there
    EXPECT_EQ(lowered("A\0B"sv), "a\0b"sv);
}

TEST(ascii, texts_are_the_same_letter_case_apart) {
    EXPECT_TRUE(same("", ""));
    EXPECT_TRUE(same("Content-Length", "cONTENT-lENGTH"));
    EXPECT_FALSE(same("a", "ab"));
    EXPECT_FALSE(same("ab", "a"));
    EXPECT_FALSE(same("[", "{"));  // 32 apart, like letters, but none
    EXPECT_FALSE(same("@", "`"));
    EXPECT_FALSE(same("\xc4", "\xe4"));
    EXPECT_FALSE(same("a", "a\0"sv));
}

TEST(ascii, classes_hold_what_their_names_say_for_all_bytes) {
    for (int i = 0; i < 256; ++i) {
        const char c = static_cast<char>(i);
        EXPECT_EQ(is_digit(c), "0123456789"sv.find(c) != std::string_view::npos) << i;
        const bool letter = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"sv.find(c) != std::string_view::npos;
        EXPECT_EQ(is_alpha(c), letter) << i;
        EXPECT_EQ(is_alnum(c), letter || is_digit(c)) << i;
    }
}

TEST(ascii, trimming_takes_spaces_and_tabs_off_both_ends_and_nothing_else) {
    EXPECT_EQ(trimmed(" \t a b\t "), "a b");
    EXPECT_EQ(trimmed("a"), "a");
    EXPECT_EQ(trimmed(""), "");
    EXPECT_EQ(trimmed(" \t "), "");
    EXPECT_EQ(trimmed("\na\r"), "\na\r");
}

TEST(ascii, tokens_are_made_of_exactly_the_bytes_of_rfc_9110) {
    constexpr auto allowed = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"sv;
    for (int i = 0; i < 256; ++i) {
        const char c = static_cast<char>(i);
        EXPECT_EQ(is_token(std::string("x") + c), allowed.find(c) != allowed.npos) << i;
    }
    EXPECT_FALSE(is_token(""));
}

TEST(ascii, field_values_hold_no_control_character_but_tab) {
    for (int i = 0; i < 256; ++i) {
        const bool control = i < 0x20 || i == 0x7f;
        EXPECT_EQ(is_field_value(std::string("x") + static_cast<char>(i)), i == '\t' || !control) << i;
    }
    EXPECT_TRUE(is_field_value(""));
}

TEST(ascii, numbers_are_plain_decimals_that_fit) {
    EXPECT_EQ(parse_number("0"), 0U);
    EXPECT_EQ(parse_number("007"), 7U);
    EXPECT_EQ(parse_number("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
    for (const auto bad : {""sv, "18446744073709551616"sv, "-1"sv, "+1"sv, " 1"sv, "1 "sv, "1.0"sv, "1e3"sv, "0x1"sv,
                           "1\0"sv, "\xb2"sv, "1,2"sv}) {
        EXPECT_EQ(parse_number(bad), std::nullopt) << bad;
    }
}

TEST(ascii, bytes_of_a_stranger_are_shown_safely_and_cut_at_the_limit) {
    EXPECT_EQ(printable("ok ~", 10), "ok ~");
    EXPECT_EQ(printable("a\r\n\x1b[31m\x7f\xff\0"sv, 20), "a...[31m...");
    EXPECT_EQ(printable("12345", 5), "12345");
    EXPECT_EQ(printable("123456", 5), "12345...");
    EXPECT_EQ(printable("", 5), "");
    EXPECT_EQ(printable("abc", 0), "...");
}

}  // namespace
}  // namespace dbxapps::text
