#include <net/client_certificate.hpp>

#include <net/pem.hpp>
#include <net/tls_context.hpp>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>

namespace dbxapps::net {
namespace {

using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

failure unusable(const std::string& what) {
    ERR_clear_error();
    return {errc::bad_config, "tls.client_certificate_pem and tls.client_key_pem cannot be used: " + what};
}

// Nobody is asked for a pass phrase, least of all on a terminal.
int no_pass_phrase(char*, int, int, void*) { return -1; }

key_ptr read_key(const std::string& pem) {
    const bio_ptr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    return {PEM_read_bio_PrivateKey(bio.get(), nullptr, no_pass_phrase, nullptr), EVP_PKEY_free};
}

// The first is the caller's own, the others lead to a root.
result<void> use_chain(SSL_CTX* context, const std::string& pem) {
    int count = 0;
    const bool whole = for_each_certificate(pem, [&](X509* cert) {
        return (count++ == 0 ? SSL_CTX_use_certificate(context, cert) : SSL_CTX_add1_chain_cert(context, cert)) == 1;
    });
    if (whole && count > 0) return {};
    const std::string why = openssl_words();
    return unusable("the former is not PEM text of certificates, the caller's own first" +
                    (why.empty() ? "" : " (" + why + ")"));
}

}  // namespace

result<void> use_client_certificate(SSL_CTX* context, const std::string& certificate_pem, const std::string& key_pem) {
    if (certificate_pem.empty() && key_pem.empty()) return {};
    if (certificate_pem.empty() || key_pem.empty()) return unusable("one needs the other");
    ERR_clear_error();
    if (auto used = use_chain(context, certificate_pem); !used) return used;
    const key_ptr key = read_key(key_pem);
    if (!key) return unusable("the latter is not PEM text of a private key without a pass phrase");
    if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
        return unusable("the key is not that of the certificate");
    }
    return {};
}

}  // namespace dbxapps::net
