#include <emulator/certificates.hpp>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>

namespace dbxapps::emulated {
namespace {

template <auto Free>
struct freed_by {
    template <class T>
    void operator()(T* p) const noexcept {
        Free(p);
    }
};

using key_ptr = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;
using cert_ptr = std::unique_ptr<X509, freed_by<X509_free>>;
using bio_ptr = std::unique_ptr<BIO, freed_by<BIO_free>>;
using extension_ptr = std::unique_ptr<X509_EXTENSION, freed_by<X509_EXTENSION_free>>;

constexpr long day = 24 * 60 * 60;

void must(bool ok) {
    if (!ok) throw std::runtime_error("emulator: OpenSSL could not make a certificate");
}

template <class Write>
std::string pem_of(Write write) {
    const bio_ptr bio(BIO_new(BIO_s_mem()));
    must(bio && write(bio.get()) == 1);
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

std::string pem_of(X509* cert) {
    return pem_of([cert](BIO* bio) { return PEM_write_bio_X509(bio, cert); });
}

std::string pem_of(EVP_PKEY* key) {
    return pem_of(
        [key](BIO* bio) { return PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr); });
}

key_ptr new_key() {
    key_ptr key(EVP_EC_gen("P-256"));
    must(key != nullptr);
    return key;
}

// Version, serial number, validity and key; the issuer is the subject until somebody says otherwise.
cert_ptr new_certificate(EVP_PKEY* key, const char* common_name, long from, long until) {
    cert_ptr cert(X509_new());
    std::uint64_t serial = 0;
    must(cert && RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1);
    must(X509_set_version(cert.get(), X509_VERSION_3) == 1);
    must(ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert.get()), (serial >> 1) + 1) == 1);
    must(X509_gmtime_adj(X509_getm_notBefore(cert.get()), from) &&
         X509_gmtime_adj(X509_getm_notAfter(cert.get()), until));
    X509_NAME* const name = X509_get_subject_name(cert.get());
    const auto* const text = reinterpret_cast<const unsigned char*>(common_name);
    must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text, -1, -1, 0) == 1);
    must(X509_set_issuer_name(cert.get(), name) == 1 && X509_set_pubkey(cert.get(), key) == 1);
    return cert;
}

void extend(X509* cert, X509* issuer, int what, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, cert, nullptr, nullptr, 0);
    const extension_ptr extension(X509V3_EXT_conf_nid(nullptr, &context, what, value));
    must(extension && X509_add_ext(cert, extension.get(), -1) == 1);
}

struct authority {
    key_ptr key = new_key();
    cert_ptr cert = new_certificate(key.get(), "dbxapps emulator throw-away CA", -10 * day, 365 * day);

    authority() {
        extend(cert.get(), cert.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
        extend(cert.get(), cert.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
        extend(cert.get(), cert.get(), NID_subject_key_identifier, "hash");
        must(X509_sign(cert.get(), key.get(), EVP_sha256()) > 0);
    }
};

std::string names_for(emulator_certificate kind, const std::string& more) {
    if (kind == emulator_certificate::wrong_name) return "DNS:other.example";
    return "DNS:emulated.cloud.databricks.com,DNS:*.cloud.databricks.com,DNS:*.aws.databricksapps.com,DNS:localhost,"
           "IP:127.0.0.1" +
           (more.empty() ? "" : "," + more);
}

cert_ptr new_leaf(EVP_PKEY* key, const authority& ca, emulator_certificate kind, const std::string& names) {
    const long until = kind == emulator_certificate::expired ? -day : 365 * day;
    cert_ptr leaf = new_certificate(key, "dbxapps emulator", -5 * day, until);
    must(X509_set_issuer_name(leaf.get(), X509_get_subject_name(ca.cert.get())) == 1);
    extend(leaf.get(), ca.cert.get(), NID_basic_constraints, "critical,CA:FALSE");
    extend(leaf.get(), ca.cert.get(), NID_key_usage, "critical,digitalSignature");
    extend(leaf.get(), ca.cert.get(), NID_ext_key_usage, "serverAuth");
    extend(leaf.get(), ca.cert.get(), NID_subject_alt_name, names.c_str());
    extend(leaf.get(), ca.cert.get(), NID_subject_key_identifier, "hash");
    extend(leaf.get(), ca.cert.get(), NID_authority_key_identifier, "keyid:always");
    must(X509_sign(leaf.get(), ca.key.get(), EVP_sha256()) > 0);
    return leaf;
}

}  // namespace

certificates make_certificates(emulator_certificate kind, const std::string& more_names) {
    const authority published;
    const authority stranger;
    const key_ptr key = new_key();
    const cert_ptr leaf = new_leaf(key.get(), kind == emulator_certificate::untrusted ? stranger : published, kind,
                                   names_for(kind, more_names));
    return {pem_of(published.cert.get()), pem_of(leaf.get()), pem_of(key.get())};
}

}  // namespace dbxapps::emulated
