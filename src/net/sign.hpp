// RSASSA-PKCS1-v1_5 with SHA-256, which JSON Web Signatures call RS256 (RFC 7518 section 3.3), by OpenSSL.
#pragma once

#include <dbxapps/error.hpp>

#include <string>
#include <string_view>

namespace dbxapps::net {

// The signature's bytes. errc::bad_config: the key is not PEM text of a private RSA key without a pass phrase; nothing
// of it is in the words.
result<std::string> sign_rs256(std::string_view private_key_pem, std::string_view text);

}  // namespace dbxapps::net
