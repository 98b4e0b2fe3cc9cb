#include <net/sign.hpp>
#include <support/rsa_key.hpp>

#include <gtest/gtest.h>
#include <openssl/err.h>

namespace dbxapps::net {
namespace {

using test::made_key;

TEST(Sign, WhatTheKeySignedItsPublicHalfVerifies) {
    const made_key& key = made_key::rsa();
    const auto signature = sign_rs256(key.pem(), "head.claims");
    ASSERT_TRUE(signature) << signature.error().detail;
    EXPECT_EQ(signature->size(), 256u);
    EXPECT_TRUE(key.verifies("head.claims", *signature));
    EXPECT_FALSE(key.verifies("head.claimz", *signature));
    const auto of_nothing = sign_rs256(key.pem(), "");
    ASSERT_TRUE(of_nothing);
    EXPECT_TRUE(key.verifies("", *of_nothing));
}

TEST(Sign, WhatIsNoPrivateRsaKeySignsNothingAndIsNotShown) {
    const std::string good = made_key::rsa().pem();
    for (const std::string& bad :
         {std::string(), std::string("s3cret"), good.substr(0, good.size() / 2), made_key::elliptic().pem(),
          made_key::rsa().pem_with_pass_phrase(), std::string("-----BEGIN PRIVATE KEY-----\ns3cret\n")}) {
        const auto signature = sign_rs256(bad, "x");
        ASSERT_FALSE(signature) << bad.size();
        EXPECT_TRUE(signature.error().is(errc::bad_config));
        EXPECT_EQ(signature.error().detail.find("s3cret"), std::string::npos);
        EXPECT_EQ(signature.error().detail.find(good.substr(40, 20)), std::string::npos);
        EXPECT_EQ(ERR_peek_error(), 0u) << "the next user of OpenSSL on this thread would read it as its own";
    }
}

}  // namespace
}  // namespace dbxapps::net
