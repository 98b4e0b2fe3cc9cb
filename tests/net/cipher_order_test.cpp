// What is asked for first, and that nothing is added to what is allowed.
#include <net/cipher_order.hpp>
#include <net/tls_context.hpp>
#include <net/tls_sessions.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace dbxapps::net {
namespace {

using names = std::vector<std::string>;

names of(const STACK_OF(SSL_CIPHER) * ciphers, bool tls_1_3) {
    names out;
    for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); ++i) {
        const SSL_CIPHER* cipher = sk_SSL_CIPHER_value(ciphers, i);
        if ((std::string(SSL_CIPHER_get_version(cipher)) == "TLSv1.3") == tls_1_3) {
            out.emplace_back(SSL_CIPHER_get_name(cipher));
        }
    }
    return out;
}

struct CipherOrder : testing::Test {
    names after(const char* allowed) {
        EXPECT_EQ(SSL_CTX_set_ciphersuites(context.get(), allowed), 1);
        prefer_aes_128(context.get());
        return of(SSL_CTX_get_ciphers(context.get()), true);
    }
    std::unique_ptr<SSL_CTX, free_ssl> context{SSL_CTX_new(TLS_client_method())};
};

TEST_F(CipherOrder, PutsAes128FirstAndLeavesTheOrderOfTheOthers) {
    EXPECT_EQ(after("TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256"),
              (names{"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"}));
}

TEST_F(CipherOrder, AllowsNothingThatWasNot) {
    EXPECT_EQ(after("TLS_AES_256_GCM_SHA384"), names{"TLS_AES_256_GCM_SHA384"});
    EXPECT_EQ(after("TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256"),
              (names{"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"}));
    EXPECT_EQ(after(""), names{});
}

TEST_F(CipherOrder, LeavesTls12AsItIs) {
    const names before = of(SSL_CTX_get_ciphers(context.get()), false);
    prefer_aes_128(context.get());
    EXPECT_EQ(of(SSL_CTX_get_ciphers(context.get()), false), before);
    EXPECT_FALSE(before.empty());
}

TEST(TlsContext, AsksForAes128First) {
    const auto made = tls_context::make({});
    ASSERT_TRUE(made);
    tls_sessions none(1);
    const ssl_ptr ssl = (*made)->new_connection("app.example.com", false, none);
    ASSERT_TRUE(ssl);
    EXPECT_EQ(of(SSL_get_ciphers(ssl.get()), true).front(), "TLS_AES_128_GCM_SHA256");
}

}  // namespace
}  // namespace dbxapps::net
