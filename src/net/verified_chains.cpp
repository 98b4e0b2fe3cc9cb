#include <net/verified_chains.hpp>

#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>

namespace dbxapps::net {
namespace {

// As X509_verify_cert() would check it. False if nothing was to be checked: then let that decide.
bool is_for_host(X509_STORE_CTX* c) {
    X509_VERIFY_PARAM* const wanted = X509_STORE_CTX_get0_param(c);
    X509* const cert = X509_STORE_CTX_get0_cert(c);
    const char* const host = X509_VERIFY_PARAM_get0_host(wanted, 0);
    char* const ip = X509_VERIFY_PARAM_get1_ip_asc(wanted);
    const bool is_host = !host || X509_check_host(cert, host, 0, X509_VERIFY_PARAM_get_hostflags(wanted), nullptr) == 1;
    const bool is_ip = !ip || X509_check_ip_asc(cert, ip, 0) == 1;
    const bool fits = (host || ip) && is_host && is_ip;
    OPENSSL_free(ip);
    return fits;
}

void free_memory(void*, void* memory, CRYPTO_EX_DATA*, int, long, void*) {
    delete static_cast<verified_chains*>(memory);
}

}  // namespace

void verified_chains::attach(SSL_CTX* context, std::time_t live) {
    static const int place = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, free_memory);
    auto memory = std::make_unique<verified_chains>(live);
    if (place < 0 || SSL_CTX_set_ex_data(context, place, memory.get()) != 1) return;  // it verifies every time, then
    SSL_CTX_set_cert_verify_callback(context, verify, memory.release());
}

std::optional<verified_chains::digest> verified_chains::digest_of(X509* leaf, const STACK_OF(X509) * sent) {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> sum(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    if (!sum || EVP_DigestInit_ex(sum.get(), EVP_sha256(), nullptr) != 1) return std::nullopt;
    const auto add = [&](X509* cert) {
        unsigned char* der = nullptr;
        const int size = i2d_X509(cert, &der);
        const bool added = size > 0 && EVP_DigestUpdate(sum.get(), der, static_cast<std::size_t>(size)) == 1;
        OPENSSL_free(der);
        return added;
    };
    if (!leaf || !add(leaf)) return std::nullopt;
    for (int i = 0; i < sk_X509_num(sent); ++i) {
        if (!add(sk_X509_value(sent, i))) return std::nullopt;
    }
    digest out;
    if (EVP_DigestFinal_ex(sum.get(), out.data(), nullptr) != 1) return std::nullopt;
    return out;
}

std::time_t verified_chains::first_expiry(const STACK_OF(X509) * chain) {
    std::time_t out = std::numeric_limits<std::time_t>::max();
    for (int i = 0; i < sk_X509_num(chain); ++i) {
        std::tm end{};
        if (ASN1_TIME_to_tm(X509_get0_notAfter(sk_X509_value(chain, i)), &end) != 1) return 0;
        out = std::min(out, ::timegm(&end));
    }
    return out;
}

bool verified_chains::knows(const digest& chain, std::time_t now) const {
    std::lock_guard lock(mutex_);
    return std::any_of(entries_.begin(), entries_.end(),
                       [&](const entry& e) { return e.chain == chain && e.from <= now && now < e.until; });
}

void verified_chains::remember(const digest& chain, std::time_t now, std::time_t expires) noexcept {
    std::lock_guard lock(mutex_);
    std::erase_if(entries_, [&](const entry& e) { return e.chain == chain; });
    if (entries_.size() >= most) entries_.erase(entries_.begin());
    entries_.push_back({chain, now, expires - now < live_ ? expires : now + live_});
}

int verified_chains::verify(X509_STORE_CTX* c, void* self) noexcept {
    auto& memory = *static_cast<verified_chains*>(self);
    const std::time_t now = std::time(nullptr);
    const auto chain = digest_of(X509_STORE_CTX_get0_cert(c), X509_STORE_CTX_get0_untrusted(c));
    if (chain && memory.knows(*chain, now) && is_for_host(c)) {
        X509_STORE_CTX_set_error(c, X509_V_OK);
        return 1;
    }
    const int good = X509_verify_cert(c);
    if (good == 1 && chain) memory.remember(*chain, now, first_expiry(X509_STORE_CTX_get0_chain(c)));
    return good;
}

}  // namespace dbxapps::net
