#include <net/cipher_order.hpp>

#include <string>
#include <string_view>

namespace dbxapps::net {

void prefer_aes_128(SSL_CTX* c) {
    constexpr std::string_view preferred = "TLS_AES_128_GCM_SHA256";
    std::string others;
    bool allowed = false;
    const STACK_OF(SSL_CIPHER)* ciphers = SSL_CTX_get_ciphers(c);
    for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); ++i) {
        const SSL_CIPHER* cipher = sk_SSL_CIPHER_value(ciphers, i);
        if (std::string_view(SSL_CIPHER_get_version(cipher)) != "TLSv1.3") continue;
        const std::string_view name = SSL_CIPHER_get_name(cipher);
        if (name == preferred) {
            allowed = true;
        } else {
            others.append(":").append(name);
        }
    }
    if (allowed) SSL_CTX_set_ciphersuites(c, (std::string(preferred) + others).c_str());
}

}  // namespace dbxapps::net
