#include <text/ascii.hpp>
#include <text/swar.hpp>

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>

namespace dbxapps::text {
namespace {

// The top bits of the bytes that fit, one by one.
template <class Fits>
swar::word marks_of(const std::string& eight, Fits fits) {
    swar::word out = 0;
    for (std::size_t n = 0; n < swar::bytes; ++n)
        if (fits(static_cast<unsigned char>(eight[n]))) out |= swar::word{0x80} << (8 * n);
    return out;
}

TEST(swar, marks_the_bytes_that_fit_and_no_others) {
    std::mt19937 random(1);
    for (int n = 0; n < 100'000; ++n) {
        std::string eight(swar::bytes, '\0');
        for (char& c : eight) {  // mostly about the limits
            const unsigned near =
                std::array{0x00U, 0x1fU, 0x20U, 0x21U, 0x2fU, 0x7eU, 0x7fU, 0x80U, 0xffU}[random() % 9];
            c = static_cast<char>(random() % 2 == 0 ? near : random() % 256);
        }
        const swar::word w = swar::load(eight.data());
        ASSERT_EQ(swar::below(w, 0x21), marks_of(eight, [](unsigned char c) { return c < 0x21; }));
        ASSERT_EQ(swar::equal(w, '/'), marks_of(eight, [](unsigned char c) { return c == '/'; }));
        ASSERT_EQ(swar::equal(w, 0x7f), marks_of(eight, [](unsigned char c) { return c == 0x7f; }));
        ASSERT_EQ(swar::controls(w), marks_of(eight, [](unsigned char c) { return c < 0x20 || c == 0x7f; }));
    }
}

TEST(swar, the_lowest_mark_is_the_first_byte) {
    for (std::size_t n = 0; n < swar::bytes; ++n) {
        std::string eight(swar::bytes, 'x');
        eight[n] = '\r';
        EXPECT_EQ(swar::lowest(swar::controls(swar::load(eight.data()))), n);
    }
}

TEST(ascii, the_first_control_character_is_found_wherever_it_stands) {
    for (std::size_t size = 0; size < 50; ++size) {
        EXPECT_EQ(find_control(std::string(size, '\xe9')), size);
        for (std::size_t at = 0; at < size; ++at) {
            for (int c = 0; c < 256; ++c) {
                std::string s(size, 'x');
                s[at] = static_cast<char>(c);
                s[size - 1] = at == size - 1 ? s[at] : '\n';  // another one behind it
                const bool control = c < 0x20 || c == 0x7f;
                ASSERT_EQ(find_control(s), control ? at : at == size - 1 ? size : size - 1) << size << ' ' << c;
            }
        }
    }
}

}  // namespace
}  // namespace dbxapps::text
