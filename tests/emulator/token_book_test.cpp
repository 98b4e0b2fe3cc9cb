#include <emulator/token_book.hpp>
#include <text/encoding.hpp>

#include <gtest/gtest.h>

#include <set>

namespace dbxapps::emulated {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1000s};
const std::chrono::system_clock::time_point wall{1700000000s};

TEST(token_book, a_token_is_good_until_the_end_of_its_life_and_not_at_it) {
    token_book book("me", 900, 50ms);
    const auto token = book.issue(start, wall).token;
    EXPECT_TRUE(book.good(token, start + 49ms));
    EXPECT_FALSE(book.good(token, start + 50ms));
}

TEST(token_book, a_token_it_did_not_issue_is_never_good) {
    token_book book("me", 900, 1h);
    std::string token = book.issue(start, wall).token;
    EXPECT_FALSE(book.good("", start));
    token.back() = token.back() == 'a' ? 'b' : 'a';
    EXPECT_FALSE(book.good(token, start));
}

TEST(token_book, revoking_ends_all_tokens_so_far_and_none_after) {
    token_book book("me", 900, 1h);
    const auto before = book.issue(start, wall).token;
    book.revoke_all();
    const auto after = book.issue(start, wall).token;
    EXPECT_FALSE(book.good(before, start));
    EXPECT_TRUE(book.good(after, start));
}

TEST(token_book, a_new_life_holds_for_new_tokens_only) {
    token_book book("me", 900, 1h);
    const auto old = book.issue(start, wall).token;
    book.set_life(1s);
    const auto fresh = book.issue(start, wall).token;
    EXPECT_TRUE(book.good(old, start + 2s));
    EXPECT_FALSE(book.good(fresh, start + 2s));
}

TEST(token_book, tokens_have_the_length_asked_for_and_the_shape_of_a_jwt) {
    for (const std::size_t size : {300u, 900u, 16384u}) {
        token_book book("3c0a6f2e-0000-4000-8000-000000000000", size, 1500ms);
        const auto token = book.issue(start, wall).token;
        EXPECT_EQ(token.size(), size);
        EXPECT_EQ(std::count(token.begin(), token.end(), '.'), 2);
        const auto first = token.find('.');
        const auto second = token.find('.', first + 1);
        EXPECT_EQ(token.substr(second + 1, 13), "emulatortoken");
        EXPECT_EQ(token.substr(first + 1, second - first - 1),
                  text::base64url(R"({"sub":"3c0a6f2e-0000-4000-8000-000000000000",)"
                                  R"("iss":"https://emulated.cloud.databricks.com/oidc",)"
                                  R"("iat":1700000000,"exp":1700000002,"scope":"all-apis"})"));
    }
}

TEST(token_book, no_two_tokens_are_the_same_and_expired_ones_are_forgotten_without_harm) {
    token_book book("me", 300, 1ms);
    std::set<std::string> seen;
    for (int i = 0; i < 3000; ++i)
        seen.insert(book.issue(start + i * 1ms, wall).token);
    EXPECT_EQ(seen.size(), 3000u);
    book.set_life(1h);
    const auto last = book.issue(start + 3001ms, wall).token;
    EXPECT_TRUE(book.good(last, start + 3002ms));
}

TEST(token_book, expires_in_is_whole_or_an_honest_fraction_or_rounded_up) {
    EXPECT_EQ(expires_in_text(3600s), "3600");
    EXPECT_EQ(expires_in_text(1500ms), "1.5");
    EXPECT_EQ(expires_in_text(50ms), "0.05");
    EXPECT_EQ(expires_in_text(9999ms), "9.999");
    EXPECT_EQ(expires_in_text(10001ms), "11");
}

}  // namespace
}  // namespace dbxapps::emulated
