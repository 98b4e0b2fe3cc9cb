#include <oauth/jwt_claims.hpp>

#include <gtest/gtest.h>

namespace dbxapps::oauth {
namespace {

using list = std::vector<std::string>;

// What `base64 -w0 | tr +/ -_ | tr -d =` makes of the claims, between a head and a signature.
TEST(jwt_claims, scopes_are_words_or_a_list) {
    EXPECT_EQ(scopes_in("e30.eyJzY29wZSI6ImFsbC1hcGlzIG9mZmxpbmVfYWNjZXNzIn0.sig"),
              (list{"all-apis", "offline_access"}));  // {"scope":"all-apis offline_access"}
    EXPECT_EQ(scopes_in("e30.eyJzY3AiOlsic3FsIiwzLCJ4Il19.sig"), (list{"sql", "x"}));  // {"scp":["sql",3,"x"]}
}

TEST(jwt_claims, what_is_no_jwt_says_nothing) {
    for (const char* text : {"", "dapi0123", ".", "..", "a.b.c", "e30.e30.x", "e30.eyJzY29wZSI6N30.x", "e30.bnVsbA.x",
                             "e30.W10.x", "e30.!!!.x", "e30.eyJzY29wZSI6.x"}) {
        EXPECT_EQ(scopes_in(text), list()) << text;
    }
}

}  // namespace
}  // namespace dbxapps::oauth
