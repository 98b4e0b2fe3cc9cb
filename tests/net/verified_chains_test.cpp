#include <net/verified_chains.hpp>

#include <dbxapps/emulator.hpp>

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <initializer_list>
#include <limits>
#include <memory>
#include <optional>
#include <string>

namespace dbxapps::net {
namespace {

verified_chains::digest chain(unsigned char n) { return {n}; }

TEST(verified_chains, a_chain_is_believed_for_a_while_and_never_beyond_its_expiry) {
    verified_chains memory(600);
    EXPECT_FALSE(memory.knows(chain(1), 1000));
    memory.remember(chain(1), 1000, 1'000'000);
    memory.remember(chain(2), 1000, 1100);
    memory.remember(chain(3), 1000, 0);
    EXPECT_TRUE(memory.knows(chain(1), 1000));
    EXPECT_TRUE(memory.knows(chain(1), 1599));
    EXPECT_FALSE(memory.knows(chain(1), 1600));
    EXPECT_TRUE(memory.knows(chain(2), 1099));
    EXPECT_FALSE(memory.knows(chain(2), 1100));
    EXPECT_FALSE(memory.knows(chain(3), 1000));
    EXPECT_FALSE(memory.knows(chain(4), 1000));
}

TEST(verified_chains, a_clock_that_was_set_back_makes_them_unknown) {
    verified_chains memory(600);
    memory.remember(chain(1), 1000, 1'000'000);
    EXPECT_FALSE(memory.knows(chain(1), 999));
}

TEST(verified_chains, verifying_again_prolongs) {
    verified_chains memory(600);
    memory.remember(chain(1), 1000, 1'000'000);
    memory.remember(chain(1), 1500, 1'000'000);
    EXPECT_TRUE(memory.knows(chain(1), 2099));
    EXPECT_FALSE(memory.knows(chain(1), 1400));
}

TEST(verified_chains, the_oldest_goes_when_there_are_too_many) {
    verified_chains memory(600);
    for (std::size_t n = 0; n <= verified_chains::most; ++n)
        memory.remember(chain(static_cast<unsigned char>(n)), 1000, 1'000'000);
    EXPECT_FALSE(memory.knows(chain(0), 1000));
    EXPECT_TRUE(memory.knows(chain(1), 1000));
    EXPECT_TRUE(memory.knows(chain(static_cast<unsigned char>(verified_chains::most)), 1000));
}

TEST(verified_chains, a_life_without_end_does_not_overflow) {
    verified_chains memory(std::numeric_limits<std::time_t>::max());
    memory.remember(chain(1), 1000, 2000);
    EXPECT_TRUE(memory.knows(chain(1), 1999));
    EXPECT_FALSE(memory.knows(chain(1), 2000));
}

using certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using certificates = std::unique_ptr<STACK_OF(X509), void (*)(STACK_OF(X509)*)>;

certificate expiring_at(std::time_t when) {
    certificate out(X509_new(), X509_free);
    ASN1_TIME_set(X509_getm_notBefore(out.get()), 0);
    ASN1_TIME_set(X509_getm_notAfter(out.get()), when);
    return out;
}
// Complete, so that it can be encoded.
certificate signed_one(long number) {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    certificate out = expiring_at(2000);
    ASN1_INTEGER_set(X509_get_serialNumber(out.get()), number);
    X509_set_pubkey(out.get(), key.get());
    EXPECT_GT(X509_sign(out.get(), key.get(), EVP_sha256()), 0);
    return out;
}
certificates stack_of(std::initializer_list<X509*> all) {
    certificates out(sk_X509_new_null(), [](STACK_OF(X509) * s) { sk_X509_free(s); });
    for (X509* const each : all)
        sk_X509_push(out.get(), each);
    return out;
}

TEST(verified_chains, a_chain_ends_with_the_first_of_its_certificates) {
    const auto leaf = expiring_at(3000), between = expiring_at(2000), root = expiring_at(5000);
    EXPECT_EQ(verified_chains::first_expiry(stack_of({leaf.get(), between.get(), root.get()}).get()), 2000);
    EXPECT_EQ(verified_chains::first_expiry(stack_of({leaf.get(), root.get()}).get()), 3000);
}

TEST(verified_chains, another_chain_is_whatever_differs_in_what_was_sent) {
    constexpr auto digest_of = verified_chains::digest_of;
    const auto one = signed_one(1), other = signed_one(2);
    X509* const leaf = one.get();
    X509* const root = other.get();
    const auto alone = digest_of(leaf, stack_of({leaf}).get());
    ASSERT_TRUE(alone);
    EXPECT_EQ(alone, digest_of(leaf, stack_of({leaf}).get()));
    EXPECT_NE(alone, digest_of(leaf, stack_of({leaf, root}).get()));
    EXPECT_NE(alone, digest_of(root, stack_of({root}).get()));
    EXPECT_NE(digest_of(leaf, stack_of({leaf, root}).get()), digest_of(leaf, stack_of({root, leaf}).get()));
    EXPECT_EQ(digest_of(nullptr, nullptr), std::nullopt);
}

// Connections to an emulated app, of one context that may lose its roots.
class shown_to {
public:
    explicit shown_to(std::time_t live) : context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free) {
        const std::string pem = workspace_.network().tls.extra_ca_pem;
        const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_mem_buf(pem.data(), -1), BIO_free);
        const std::unique_ptr<X509, decltype(&X509_free)> root(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr),
                                                               X509_free);
        EXPECT_EQ(X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()), root.get()), 1);
        SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
        if (live > 0) verified_chains::attach(context_.get(), live);
    }
    void forget_roots() { SSL_CTX_set_cert_store(context_.get(), X509_STORE_new()); }

    // The verdict on the certificate, as a connection to `host` comes to it; -1: there was no handshake otherwise.
    long verdict(const std::string& host, bool ip = false) {
        const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new_ssl_connect(context_.get()), BIO_free_all);
        SSL* ssl = nullptr;
        BIO_get_ssl(bio.get(), &ssl);
        const std::string url = workspace_.app_url("orders");
        BIO_set_conn_hostname(bio.get(), ("127.0.0.1" + url.substr(url.rfind(':'))).c_str());
        if (ip) {
            X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str());
        } else {
            SSL_set1_host(ssl, host.c_str());
        }
        const bool shaken = BIO_do_handshake(bio.get()) == 1;
        const long verdict = SSL_get_verify_result(ssl);
        EXPECT_EQ(shaken, verdict == X509_V_OK) << host;
        return verdict;
    }

private:
    emulator workspace_;
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
};

const std::string orders = "orders-1234567890123456.aws.databricksapps.com";
const std::string stock = "stock-1234567890123456.aws.databricksapps.com";

TEST(verified_chains, one_certificate_is_verified_once_for_all_its_hosts) {
    shown_to peer(600);
    EXPECT_EQ(peer.verdict(orders), X509_V_OK);
    peer.forget_roots();  // from now on nothing can be verified
    EXPECT_EQ(peer.verdict(orders), X509_V_OK);
    EXPECT_EQ(peer.verdict(stock), X509_V_OK);
    EXPECT_EQ(peer.verdict("127.0.0.1", true), X509_V_OK);
    EXPECT_NE(peer.verdict("example.com"), X509_V_OK);
    EXPECT_NE(peer.verdict("127.0.0.2", true), X509_V_OK);
}

TEST(verified_chains, without_a_memory_each_connection_verifies) {
    shown_to peer(0);
    EXPECT_EQ(peer.verdict(orders), X509_V_OK);
    peer.forget_roots();
    EXPECT_NE(peer.verdict(orders), X509_V_OK);
}

TEST(verified_chains, what_was_refused_is_not_remembered) {
    shown_to peer(600);
    EXPECT_EQ(peer.verdict("example.com"), X509_V_ERR_HOSTNAME_MISMATCH);
    peer.forget_roots();
    EXPECT_NE(peer.verdict(orders), X509_V_OK);
}

}  // namespace
}  // namespace dbxapps::net
