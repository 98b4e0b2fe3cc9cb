#include <text/fields.hpp>

#include <gtest/gtest.h>

namespace dbxapps::text {
namespace {

TEST(fields, each_of_a_name_is_found_in_its_order) {
    std::string_view left = "Accept: a\r\nX-Accept: no\r\naccept:  b \r\nAccept:\r\n";
    EXPECT_EQ(next_field(left, "accept"), "a");
    EXPECT_EQ(next_field(left, "accept"), "b");
    EXPECT_EQ(next_field(left, "accept"), "");
    EXPECT_EQ(next_field(left, "accept"), std::nullopt);
    EXPECT_TRUE(left.empty());
}

TEST(fields, what_is_no_field_is_passed_over) {
    for (std::string_view left : {"", "accept", "accept\r\n", "\r\n", "other: accept: x\r\n"})
        EXPECT_EQ(next_field(left, "accept"), std::nullopt) << left;
}

}  // namespace
}  // namespace dbxapps::text
