// The certificate that is shown to a host that asks who calls (mutual TLS), from PEM texts.
#pragma once

#include <dbxapps/error.hpp>

#include <openssl/ssl.h>

#include <string>

namespace dbxapps::net {

// Both texts or neither. errc::bad_config: one of them is not what it should be, or they do not belong together. Its
// words hold nothing of the key.
result<void> use_client_certificate(SSL_CTX*, const std::string& certificate_pem, const std::string& key_pem);

}  // namespace dbxapps::net
