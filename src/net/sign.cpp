#include <net/sign.hpp>

#include <net/pem.hpp>

#include <openssl/evp.h>

#include <memory>

namespace dbxapps::net {
namespace {

struct free_evp {
    void operator()(EVP_PKEY* k) const noexcept { EVP_PKEY_free(k); }
    void operator()(EVP_MD_CTX* c) const noexcept { EVP_MD_CTX_free(c); }
};

failure unusable() {
    ERR_clear_error();
    return {errc::bad_config, "it is not PEM text of a private RSA key without a pass phrase"};
}

// Nobody is asked for a pass phrase, least of all on a terminal.
int no_pass_phrase(char*, int, int, void*) { return -1; }

}  // namespace

result<std::string> sign_rs256(std::string_view private_key_pem, std::string_view text) {
    if (private_key_pem.empty()) return unusable();
    ERR_clear_error();
    const bio_ptr bio(BIO_new_mem_buf(private_key_pem.data(), static_cast<int>(private_key_pem.size())));
    if (!bio) return unusable();
    const std::unique_ptr<EVP_PKEY, free_evp> key{PEM_read_bio_PrivateKey(bio.get(), nullptr, no_pass_phrase, nullptr)};
    if (!key || EVP_PKEY_is_a(key.get(), "RSA") != 1) return unusable();
    const std::unique_ptr<EVP_MD_CTX, free_evp> context{EVP_MD_CTX_new()};
    const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
    std::string out(static_cast<std::size_t>(EVP_PKEY_get_size(key.get())), '\0');
    std::size_t size = out.size();
    if (!context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
        EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, bytes, text.size()) != 1) {
        return unusable();
    }
    out.resize(size);
    return out;
}

}  // namespace dbxapps::net
