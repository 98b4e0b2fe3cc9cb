// TLS sessions kept from one connection to the next, for the peers that talk to OpenSSL themselves.
//
// The tickets of TLS 1.3 come after the handshake and are meant to be used once: a ticket that is lent is gone.
#pragma once

#include <openssl/ssl.h>

#include <memory>

namespace bench {

// The newest ticket of one host. It must outlive the connections that it was lent to, and stay at one address.
class ticket {
public:
    ticket() = default;
    ticket(const ticket&) = delete;
    ticket& operator=(const ticket&) = delete;

    // Once for each context: its connections bring their tickets.
    static void collect(SSL_CTX*);
    // Resumes the session if there is one, and keeps those that this connection brings.
    void lend(SSL*);

private:
    static int index();
    static int keep(SSL*, SSL_SESSION*);

    struct releaser {
        void operator()(SSL_SESSION* s) const noexcept { SSL_SESSION_free(s); }
    };
    std::unique_ptr<SSL_SESSION, releaser> session_;
};

// Before SSL_free: OpenSSL never resumes the session of a connection that was dropped without a word.
inline void keep_resumable(SSL* ssl) noexcept {
    if (SSL_is_init_finished(ssl)) SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

}  // namespace bench
