#include <dbxapps/response.hpp>

#include <support/answers.hpp>

#include <gtest/gtest.h>

namespace dbxapps {
namespace {

using support::answer;

TEST(response, made_of_nothing_holds_nothing) {
    response r;
    EXPECT_EQ(r.status(), 0);
    EXPECT_FALSE(r.ok());
    EXPECT_EQ(r.header_count(), 0U);
    EXPECT_EQ(r.header("x"), std::nullopt);
    EXPECT_EQ(r.body(), "");
}

TEST(response, is_ok_from_200_to_299) {
    for (const auto& [status, ok] : {std::pair{"200", true},
                                     {"204", true},
                                     {"299", true},
                                     {"300", false},
                                     {"404", false},
                                     {"500", false},
                                     {"599", false},
                                     {"999", false}}) {
        const response r = answer(std::string("HTTP/1.1 ") + status + " X\r\nContent-Length: 0\r\n\r\n");
        EXPECT_EQ(std::to_string(r.status()), status);
        EXPECT_EQ(r.ok(), ok) << status;
    }
}

TEST(response, fields_keep_their_order_their_case_and_their_bytes) {
    const response r = answer(
        "HTTP/1.1 200 OK\r\nB: 1\r\na:\t two words \t\r\nb: 2\r\nEmpty:\r\nX: caf\xc3\xa9\r\n"
        "Content-Length: 0\r\n\r\n");
    using pair = std::pair<std::string_view, std::string_view>;
    ASSERT_EQ(r.header_count(), 6U);
    EXPECT_EQ(r.header_at(0), pair("B", "1"));
    EXPECT_EQ(r.header_at(1), pair("a", "two words"));
    EXPECT_EQ(r.header_at(2), pair("b", "2"));
    EXPECT_EQ(r.header_at(3), pair("Empty", ""));
    EXPECT_EQ(r.header_at(4), pair("X", "caf\xc3\xa9"));
    EXPECT_EQ(r.header_at(5), pair("Content-Length", "0"));
}

TEST(response, a_field_is_found_whatever_its_case_and_the_first_one_wins) {
    const response r = answer("HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a: 2\r\nEmpty:\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(r.header("x-a"), "1");
    EXPECT_EQ(r.header("X-A"), "1");
    EXPECT_EQ(r.header("eMPTY"), "");
    EXPECT_EQ(r.header("X"), std::nullopt);
    EXPECT_EQ(r.header("X-A:"), std::nullopt);
    EXPECT_EQ(r.header(""), std::nullopt);
    EXPECT_EQ(r.header("1"), std::nullopt) << "values are not names";
}

template <class R>
concept dangles = requires(R r) {
    static_cast<R&&>(r).header("a");
};
template <class R>
concept dangles_by_number = requires(R r) {
    static_cast<R&&>(r).header_at(0);
};
static_assert(dangles<response&> && !dangles<response> && !dangles<const response>);
static_assert(dangles_by_number<response&> && !dangles_by_number<response>);
static_assert(std::is_same_v<decltype(response().body()), std::string>);

TEST(response, its_body_may_be_taken_away) {
    response r = answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    const response copy = r;
    const std::string taken = std::move(r.body());
    EXPECT_EQ(taken, "hello");
    EXPECT_EQ(r.header("content-length"), "5");
    EXPECT_EQ(copy.body(), "hello");
    EXPECT_EQ(copy.header("content-length"), "5");
}

TEST(response, gives_its_fields_in_any_order) {
    const response r = answer("HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\nC: 3\r\nContent-Length: 0\r\n\r\n");
    std::string seen;
    for (const std::size_t i : {0U, 1U, 2U, 2U, 0U, 1U})
        seen.append(r.header_at(i).first).append(r.header_at(i).second);
    EXPECT_EQ(seen, "A1B2C3C3A1B2");
}

TEST(response, that_was_moved_from_has_no_fields) {
    response r = answer("HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(r.header_at(1).first, "B");
    const response taken = std::move(r);
    EXPECT_EQ(taken.header_at(0).first, "A");
    EXPECT_EQ(r.header_count(), 0U);
    EXPECT_EQ(r.header("A"), std::nullopt);
}

}  // namespace
}  // namespace dbxapps
