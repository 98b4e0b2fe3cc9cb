#include <oauth/shown.hpp>

#include <gtest/gtest.h>

namespace dbxapps::oauth {
namespace {

TEST(shown, hides_each_secret_wherever_it_stands_before_anything_is_cut_off) {
    EXPECT_EQ(shown("a secret, another secret", 100, {"secret"}), "a ***, another ***");
    EXPECT_EQ(shown("one two one", 100, {"two", "one"}), "*** *** ***");
    EXPECT_EQ(shown("12345secret", 8, {"secret"}), "12345***");
    EXPECT_EQ(shown("secret", 3, {"secret"}), "***");
    EXPECT_EQ(shown("as it is", 100, {""}), "as it is");
}

TEST(shown, words_have_no_secret_and_only_what_can_be_printed) {
    EXPECT_EQ(shown("no", 60, {}), "no");
    EXPECT_EQ(shown("\x1b[31m a\nb\xc3\xa4", 60, {}), ".[31m a.b..");
    EXPECT_EQ(shown("for s3cret and s3crets3cret", 60, {"other", "", "s3cret"}), "for *** and ******");
    EXPECT_EQ(shown("123456789", 4, {}), "1234...");
    EXPECT_EQ(shown("1234s3cret", 6, {"s3cret"}), "1234**...") << "cut off when the secret is gone, not before";
}

TEST(shown, a_dot_that_stands_for_what_cannot_be_printed_completes_no_secret) {
    EXPECT_EQ(shown("for a\nb\x01z!", 60, {"a.b.z"}), "for ***!");
    EXPECT_EQ(shown("for p\xc3\xa4ss!", 60, {"p\xc3\xa4ss"}), "for ***!");
}

TEST(spellings, are_those_of_forms_too) {
    EXPECT_EQ(spellings_of({"plain", "a b/c"}), (std::vector<std::string>{"plain", "a b/c", "a+b%2Fc"}));
}

}  // namespace
}  // namespace dbxapps::oauth
