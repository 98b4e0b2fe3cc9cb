// Certificates in PEM text (RFC 7468).
#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace dbxapps::net {

struct free_pem {
    void operator()(X509* c) const noexcept { X509_free(c); }
    void operator()(BIO* b) const noexcept { BIO_free(b); }
};
using bio_ptr = std::unique_ptr<BIO, free_pem>;

// `use(X509*)` says whether to go on. False: it did not, or the text is broken; then OpenSSL may know more.
template <class Use>
bool for_each_certificate(const std::string& pem, Use use) {
    const bio_ptr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    while (const std::unique_ptr<X509, free_pem> cert{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
        if (!use(cert.get())) return false;
    }
    const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    if (at_end) ERR_clear_error();
    return at_end;
}

}  // namespace dbxapps::net
