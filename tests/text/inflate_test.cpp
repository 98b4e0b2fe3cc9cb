#include <text/inflate.hpp>

#include <support/pack.hpp>

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace dbxapps::text {
namespace {

constexpr std::uint64_t plenty = 64 << 20;

using support::gzip;
using support::packed;

std::string text_of(std::size_t size) {
    std::mt19937 random(3);
    std::string out;
    while (out.size() < size)
        out += std::to_string(random() % 1000) + ",";
    return out.substr(0, size);
}

TEST(inflate, gives_back_what_was_packed_in_each_coding) {
    for (const std::size_t size : {0, 1, 100, 65'536, 65'537, 1'000'000}) {
        const std::string plain = text_of(size);
        EXPECT_EQ(*inflate(gzip(plain), coding::gzip, plenty), plain) << size;
        EXPECT_EQ(*inflate(packed(plain, 15), coding::deflate, plenty), plain) << size;
        EXPECT_EQ(*inflate(packed(plain, -15), coding::deflate, plenty), plain) << "without a wrapping " << size;
    }
    EXPECT_EQ(*inflate(gzip("one ") + gzip("") + gzip("two"), coding::gzip, plenty), "one two");
}

TEST(inflate, exactly_as_much_as_is_allowed_may_come_out) {
    const std::string plain = text_of(100'000);
    EXPECT_EQ(inflate(gzip(plain), coding::gzip, plain.size())->size(), plain.size());
    const auto more = inflate(gzip(plain), coding::gzip, plain.size() - 1);
    ASSERT_FALSE(more);
    EXPECT_TRUE(more.error().is(errc::response_too_large));
    EXPECT_NE(more.error().detail.find("max_body"), std::string::npos);
    EXPECT_FALSE(inflate(gzip("x"), coding::gzip, 0));
    EXPECT_TRUE(inflate(gzip(""), coding::gzip, 0));
}

// Ten MiB that stand for ten GiB.
TEST(inflate, a_bomb_is_given_up_as_soon_as_it_is_too_large) {
    const std::string member = gzip(std::string(10 << 20, '\0'));
    std::string bomb;
    for (int n = 0; n < 1024; ++n)
        bomb += member;
    EXPECT_GT(bomb.size(), 10U << 20 >> 1);
    const auto r = inflate(bomb, coding::gzip, 1 << 20);
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::response_too_large)) << r.error().detail;
}

TEST(inflate, members_add_up_and_are_bounded) {
    const std::string large = gzip(std::string(1 << 20, '\0')), empty = gzip("");
    EXPECT_TRUE(inflate(large + large, coding::gzip, 2 << 20));
    EXPECT_TRUE(inflate(large + large, coding::gzip, (2 << 20) - 1).error().is(errc::response_too_large));
    std::string many = large;
    for (int n = 0; n < 5000; ++n)
        many += empty;
    EXPECT_TRUE(inflate(many, coding::gzip, plenty).error().is(errc::bad_response));
    EXPECT_EQ(inflate(large, coding::gzip, std::numeric_limits<std::uint64_t>::max())->size(), 1U << 20);
}

// What ends within the last byte of the input while there is more to come out.
TEST(inflate, nothing_is_too_soon_that_only_lacks_room) {
    for (std::size_t size = 65'500; size < 65'800; ++size)
        ASSERT_TRUE(inflate(packed(std::string(size, 'a'), -15), coding::deflate, plenty)) << size;
}

TEST(inflate, whatever_is_cut_or_damaged_is_an_error) {
    const std::string plain = text_of(5000), whole = gzip(plain);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto r = inflate(std::string_view(whole).substr(0, size), coding::gzip, plenty);
        ASSERT_FALSE(r) << size;
        ASSERT_TRUE(r.error().is(errc::bad_response)) << r.error().detail;
    }
    std::mt19937 random(5);
    for (int n = 0; n < 500; ++n) {
        std::string damaged = whole;
        const std::size_t at = 10 + random() % (damaged.size() - 10);  // the head of a gzip member is not all checked
        damaged[at] = static_cast<char>(damaged[at] ^ (1 << random() % 8));
        const auto r = inflate(damaged, coding::gzip, plenty);
        EXPECT_TRUE(!r || *r == plain) << at << ": some bits say the same in two ways";
    }
    EXPECT_FALSE(inflate("hello", coding::gzip, plenty));
    EXPECT_FALSE(inflate(whole + "x", coding::gzip, plenty)) << "something else behind it";
}

TEST(inflate, codings_are_known_by_name) {
    EXPECT_EQ(coding_of("gzip"), coding::gzip);
    EXPECT_EQ(coding_of(" X-GZip "), coding::gzip);
    EXPECT_EQ(coding_of("Deflate"), coding::deflate);
    for (const auto other : {"", "br", "identity", "gzip, gzip", "gzipp"})
        EXPECT_EQ(coding_of(other), std::nullopt) << other;
}

}  // namespace
}  // namespace dbxapps::text
