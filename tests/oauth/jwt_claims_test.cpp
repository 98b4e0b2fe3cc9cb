#include <oauth/jwt_claims.hpp>

#include <text/encoding.hpp>

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
        EXPECT_EQ(expiry_in(text), std::nullopt) << text;
    }
}

TEST(jwt_claims, an_end_is_a_number_of_seconds_that_can_be) {
    const auto end_in = [](std::string_view claims) { return expiry_in("e30." + text::base64url(claims) + ".sig"); };
    EXPECT_EQ(end_in(R"({"exp":1893456000})"), 1893456000);
    EXPECT_EQ(end_in(R"({"exp":1893456000.9})"), 1893456000);  // RFC 7519 section 2: NumericDate may have a fraction
    EXPECT_EQ(end_in(R"({"exp":0})"), 0);
    EXPECT_EQ(end_in(R"({"exp":253402300799})"), 253402300799);
    for (const char* claims : {R"({"exp":-1})", R"({"exp":253402300800})", R"({"exp":1e300})",
                               R"({"exp":"1893456000"})", R"({"exp":null})", R"({"iat":1})", "7"}) {
        EXPECT_EQ(end_in(claims), std::nullopt) << claims;
    }
}

}  // namespace
}  // namespace dbxapps::oauth
