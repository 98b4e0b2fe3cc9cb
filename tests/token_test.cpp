#include <dbxapps/error.hpp>
#include <dbxapps/token.hpp>

#include <gtest/gtest.h>

#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

namespace dbxapps {
namespace {

using namespace std::chrono_literals;

TEST(token, is_presented_as_a_bearer) {
    const token t("abc.def-ghi", 1h);
    EXPECT_EQ(t.access_token(), "abc.def-ghi");
    EXPECT_EQ(t.authorization(), "Bearer abc.def-ghi");
    EXPECT_EQ(t.life(), 1h);
    EXPECT_FALSE(t.empty());
    EXPECT_EQ(token("x").life(), std::nullopt);
}

TEST(token, made_of_nothing_is_empty) {
    const token t;
    EXPECT_TRUE(t.empty());
    EXPECT_EQ(t.access_token(), "");
    EXPECT_EQ(t.authorization(), "");
    EXPECT_EQ(t.life(), std::nullopt);
}

TEST(token, is_copied_moved_and_replaced_with_its_life) {
    const std::string text(200, 'a');
    token a(text, 1h);
    token b = a;
    EXPECT_EQ(b.access_token(), text);
    token c = std::move(a);
    EXPECT_EQ(c.access_token(), text);
    EXPECT_EQ(c.life(), 1h);
    b = token("short");
    EXPECT_EQ(b.access_token(), "short");
    EXPECT_EQ(b.life(), std::nullopt);
    b = c;
    EXPECT_EQ(b.authorization(), "Bearer " + text);
    EXPECT_EQ(b.life(), 1h);
    const token& itself = b;
    b = itself;
    EXPECT_EQ(b.access_token(), text);
    static_assert(std::is_nothrow_move_constructible_v<token> && std::is_nothrow_move_assignable_v<token>);
}

TEST(token, may_be_of_another_scheme) {
    const token t = token::of_authorization("Basic dXNlcjpwYXNz");
    EXPECT_EQ(t.authorization(), "Basic dXNlcjpwYXNz");
    EXPECT_EQ(t.access_token(), "dXNlcjpwYXNz");
}

TEST(token, keeps_what_goes_to_the_workspace_only) {
    token t("abc");
    EXPECT_EQ(t.workspace_fields(), "");
    EXPECT_EQ(t.unfit_for_apps(), "");
    t.workspace_field("X-One", "1").workspace_field("X-Two", std::string(100, 'x')).unfit_for_apps("a test's token");
    const token copy = t;
    token assigned;
    assigned = std::move(t);
    for (const token* one : {&copy, &std::as_const(assigned)}) {
        EXPECT_EQ(one->workspace_fields(), "X-One: 1\r\nX-Two: " + std::string(100, 'x') + "\r\n");
        EXPECT_EQ(one->unfit_for_apps(), "a test's token");
    }
}

TEST(token, refuses_a_field_that_would_split_a_request) {
    token t("abc");
    EXPECT_THROW(t.workspace_field("X-One", "1\r\nX-Two: 2"), error);
    EXPECT_THROW(t.workspace_field("X One", "1"), error);
    EXPECT_EQ(t.workspace_fields(), "");
}

// Short enough to be held inside the object, so that its memory can be looked at when it is gone.
struct bare_memory {
    alignas(token) unsigned char bytes[sizeof(token)] = {};
    token* make(std::string_view text) { return new (bytes) token(text); }
    bool holds(std::string_view text) const {
        for (std::size_t i = 0; i + text.size() <= sizeof(bytes); ++i) {
            if (std::memcmp(bytes + i, text.data(), text.size()) == 0) return true;
        }
        return false;
    }
};

TEST(token, leaves_nothing_behind_in_memory) {
    bare_memory memory;
    token* const t = memory.make("s3cret");
    ASSERT_TRUE(memory.holds("s3cret"));
    t->~token();
    EXPECT_FALSE(memory.holds("s3cret"));
}

TEST(token, leaves_nothing_behind_when_it_was_moved_from) {
    bare_memory memory;
    token* const t = memory.make("s3cret");
    const token taken = std::move(*t);
    EXPECT_EQ(taken.access_token(), "s3cret");
    t->~token();
    EXPECT_FALSE(memory.holds("s3cret"));
}

TEST(token, leaves_nothing_behind_when_another_takes_its_place) {
    bare_memory memory;
    token* const t = memory.make("s3cret");
    *t = token("x");
    EXPECT_FALSE(memory.holds("cret"));
    *t = token(std::string(100, 'y'));
    t->~token();
    EXPECT_FALSE(memory.holds("cret"));
}

}  // namespace
}  // namespace dbxapps
