#include <emulator/form.hpp>
#include <text/encoding.hpp>

#include <gtest/gtest.h>

namespace dbxapps::emulated {
namespace {

TEST(form, base64_is_read_back_whatever_its_length) {
    for (std::string bytes; bytes.size() < 9; bytes += static_cast<char>(0xfb + bytes.size()))
        EXPECT_EQ(base64_decoded(text::base64(bytes)), bytes);
}

TEST(form, base64_of_a_wrong_length_or_alphabet_is_refused) {
    for (const char* bad : {"QQ", "QQ=", "Q===", "QQ==QQ==", "Q-==", "Q\n=="})
        EXPECT_FALSE(base64_decoded(bad)) << bad;
}

TEST(form, escapes_and_plus_signs_are_decoded) { EXPECT_EQ(form_decoded("a+b%2Bc%3d"), "a b+c="); }

TEST(form, a_broken_escape_is_refused) {
    for (const char* bad : {"%", "%4", "%zz", "a%4g"})
        EXPECT_FALSE(form_decoded(bad)) << bad;
}

TEST(form, fields_are_found_by_name_and_empty_ones_are_left_out) {
    const auto fields = parse_form("grant_type=x%20y&scope=&&flag&b=1=2");
    ASSERT_TRUE(fields);
    EXPECT_EQ(*fields, (form_fields{{"grant_type", "x y"}, {"b", "1=2"}}));
}

TEST(form, a_repeated_field_is_refused) { EXPECT_FALSE(parse_form("a=1&a=1")); }

TEST(form, basic_credentials_are_form_decoded) {
    const auto pair = basic_credentials("bAsIc " + text::base64("an%20id:s%3Ae:c"));
    ASSERT_TRUE(pair);
    EXPECT_EQ(pair->first, "an id");
    EXPECT_EQ(pair->second, "s:e:c");
}

TEST(form, what_is_not_basic_has_no_credentials) {
    for (const std::string& bad : {std::string("Basic"), std::string("Bearer x"), std::string("Basic !!!!"),
                                   "Basic " + text::base64("no colon"), "Basic " + text::base64("a:%")})
        EXPECT_FALSE(basic_credentials(bad)) << bad;
}

}  // namespace
}  // namespace dbxapps::emulated
