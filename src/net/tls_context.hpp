// The TLS settings of one client or cache: trust, versions, its own certificate, ALPN, session tickets. Shared by all
// its connections.
//
// Thread-safe once made. The roots of the machine are loaded once per process, on first use.
#pragma once

#include <dbxapps/error.hpp>
#include <dbxapps/network_options.hpp>

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace dbxapps::net {

struct free_ssl {
    void operator()(SSL* s) const noexcept { SSL_free(s); }
    void operator()(SSL_CTX* c) const noexcept { SSL_CTX_free(c); }
    void operator()(SSL_SESSION* s) const noexcept { SSL_SESSION_free(s); }
};
using ssl_ptr = std::unique_ptr<SSL, free_ssl>;
using ssl_session_ptr = std::unique_ptr<SSL_SESSION, free_ssl>;

class tls_sessions;

class tls_context {
public:
    // errc::bad_config: certificates, a key or a file that cannot be used.
    static result<std::shared_ptr<tls_context>> make(const tls_options&);

    // A connection object for `host` (a name, or an IP literal) that verifies it, offers a kept session, and keeps new
    // ones in `sessions`, which must live as long as the connection object.
    ssl_ptr new_connection(const std::string& host, bool ip_literal, tls_sessions& sessions);
    // The same for a proxy, to which the client's certificate is not shown.
    ssl_ptr new_proxy_connection(const std::string& host, bool ip_literal, tls_sessions& sessions);

private:
    tls_context() = default;
    std::unique_ptr<SSL_CTX, free_ssl> context_;
};

// What OpenSSL has to say of an error; without a code: of the first in its queue, which is cleared.
std::string openssl_words(unsigned long code);
std::string openssl_words();
// The peer does not take our certificate, or wants one (RFC 8446 section 6.2). With TLS 1.3 that comes behind our
// handshake.
bool refuses_our_certificate(unsigned long code) noexcept;

}  // namespace dbxapps::net
