// An RSA key of the test run's own, and whether it signed a JSON Web Token.
#pragma once

#include <text/encoding.hpp>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <memory>
#include <string>
#include <string_view>

namespace dbxapps::test {

class made_key {
public:
    static const made_key& rsa() {
        static const made_key key(EVP_RSA_gen(2048));
        return key;
    }
    static made_key elliptic() { return made_key(EVP_EC_gen("P-256")); }

    std::string pem() const {  // PKCS#8
        const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
        PEM_write_bio_PrivateKey(out.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
        return text_of(out.get());
    }
    std::string pem_with_pass_phrase() const {
        const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
        std::string phrase = "phrase";
        PEM_write_bio_PrivateKey(out.get(), key_.get(), EVP_aes_128_cbc(),
                                 reinterpret_cast<unsigned char*>(phrase.data()), static_cast<int>(phrase.size()),
                                 nullptr, nullptr);
        return text_of(out.get());
    }
    bool verifies(std::string_view text, std::string_view signature) const {
        const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
        return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
               EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(text), text.size()) == 1;
    }
    // head.claims.signature
    bool signed_this(const std::string& jwt) const {
        const auto last = jwt.rfind('.');
        if (last == jwt.npos) return false;
        const auto signature = text::from_base64url(jwt.substr(last + 1));
        return signature && verifies(jwt.substr(0, last), *signature);
    }

private:
    explicit made_key(EVP_PKEY* key) : key_(key, EVP_PKEY_free) {}
    static std::string text_of(BIO* bio) {
        char* data = nullptr;
        const long size = BIO_get_mem_data(bio, &data);
        return std::string(data, static_cast<std::size_t>(size));
    }
    static const unsigned char* bytes(std::string_view s) { return reinterpret_cast<const unsigned char*>(s.data()); }

    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
};

}  // namespace dbxapps::test
