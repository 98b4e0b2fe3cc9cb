// Which cipher a client asks for first.
//
// AES with 128 bits, if it is among those allowed: as RFC 8446 (section 9.1) and RFC 9325 (section 4.2) rank them, and
// as browsers and Go do. OpenSSL begins with 256 bits, which takes two fifths more rounds for every byte. Nothing is
// allowed that was not, and the server may still choose otherwise. Of TLS 1.3; TLS 1.2 is left as it is.
#pragma once

#include <openssl/ssl.h>

namespace dbxapps::net {

void prefer_aes_128(SSL_CTX*);

}  // namespace dbxapps::net
