#include <text/encoding.hpp>

#include <gtest/gtest.h>

#include <array>

namespace dbxapps::text {
namespace {

using namespace std::string_view_literals;

TEST(encoding, base64_agrees_with_the_vectors_of_rfc_4648) {
    constexpr std::pair<std::string_view, std::string_view> vectors[] = {{"", ""},
                                                                         {"f", "Zg=="},
                                                                         {"fo", "Zm8="},
                                                                         {"foo", "Zm9v"},
                                                                         {"foob", "Zm9vYg=="},
                                                                         {"fooba", "Zm9vYmE="},
                                                                         {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, coded] : vectors)
        EXPECT_EQ(base64(plain), coded) << plain;
}

TEST(encoding, base64url_has_no_padding_and_its_own_two_letters) {
    EXPECT_EQ(base64url("\xfb\xff\xfe\xff"), "-__-_w");
    EXPECT_EQ(base64url(""), "");
}

TEST(encoding, base64url_is_read_with_and_without_padding) {
    EXPECT_EQ(from_base64url("Zm9vYg=="), "foob");
    EXPECT_EQ(from_base64url("Zm9vYg"), "foob");
    EXPECT_EQ(from_base64url("--__"), "\xfb\xef\xff");
    EXPECT_EQ(from_base64url(""), "");
    for (const char* wrong : {"Z", "Zm9vY", "++//", "Zm9v Yg", "Z=m9"})
        EXPECT_EQ(from_base64url(wrong), std::nullopt) << wrong;
}

TEST(encoding, base64_takes_every_byte_and_uses_every_letter) {
    EXPECT_EQ(base64("\0"sv), "AA==");
    EXPECT_EQ(base64("\xff\xff\xff"sv), "////");
    EXPECT_EQ(base64("\xfb\xef\xbe"sv), "++++");
    EXPECT_EQ(
        base64("\x00\x10\x83\x10\x51\x87\x20\x92\x8b\x30\xd3\x8f\x41\x14\x93\x51\x55\x97\x61\x96\x9b\x71\xd7\x9f"
               "\x82\x18\xa3\x92\x59\xa7\xa2\x9a\xab\xb2\xdb\xaf\xc3\x1c\xb3\xd3\x5d\xb7\xe3\x9e\xbb\xf3\xdf\xbf"sv),
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
}

TEST(encoding, hex_has_two_small_digits_for_each_byte) {
    EXPECT_EQ(hex({}), "");
    EXPECT_EQ(hex(std::array<std::uint8_t, 4>{0x00, 0x0f, 0xa9, 0xff}), "000fa9ff");
}

TEST(encoding, percent_decoding_takes_two_hex_digits_or_nothing) {
    EXPECT_EQ(percent_decoded("a+b"), "a+b");
    EXPECT_EQ(percent_decoded("%41%2f%2F%00z"), "A//\0z"sv);
    for (const char* bad : {"%", "a%4", "%4g", "%g4", "%-1", "%+1", "% 1", "%0x41"})
        EXPECT_FALSE(percent_decoded(bad)) << bad;
}

TEST(encoding, form_encoding_leaves_exactly_the_bytes_that_forms_leave) {
    constexpr auto plain = "*-._0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"sv;
    EXPECT_EQ(form_encoded(plain), plain);
    constexpr char hex[] = "0123456789ABCDEF";
    for (int i = 0; i < 256; ++i) {
        const char c = static_cast<char>(i);
        if (plain.find(c) != plain.npos) continue;
        const std::string expected = c == ' ' ? "+" : std::string("%") + hex[i / 16] + hex[i % 16];
        EXPECT_EQ(form_encoded(std::string(1, c)), expected) << i;
    }
}

TEST(encoding, percent_encoding_leaves_exactly_the_unreserved_bytes) {
    constexpr auto plain = "-._~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"sv;
    EXPECT_EQ(percent_encoded(plain), plain);
    for (int i = 0; i < 256; ++i) {
        const std::string one(1, static_cast<char>(i));
        if (plain.find(one) != plain.npos) continue;
        EXPECT_EQ(percent_encoded(one).size(), 3u) << i;
        EXPECT_EQ(percent_decoded(percent_encoded(one)), one) << i;
    }
    EXPECT_EQ(percent_encoded(" /\xff"), "%20%2F%FF");
}

TEST(encoding, no_byte_of_a_value_can_begin_another_field) {
    EXPECT_EQ(form_body({{"a", "1&b=2"}, {"c d", "=\r\n+%"}}), "a=1%26b%3D2&c+d=%3D%0D%0A%2B%25");
    EXPECT_EQ(form_body({{"a", ""}, {"b", ""}}), "a=&b=");
    EXPECT_EQ(form_body({}), "");
}

}  // namespace
}  // namespace dbxapps::text
