#include "tickets.hpp"

namespace bench {

int ticket::index() {
    static const int number = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return number;
}

int ticket::keep(SSL* ssl, SSL_SESSION* session) {
    auto* const home = static_cast<ticket*>(SSL_get_ex_data(ssl, index()));
    if (!home) return 0;
    home->session_.reset(session);
    return 1;
}

void ticket::collect(SSL_CTX* ctx) {
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
    SSL_CTX_sess_set_new_cb(ctx, keep);
}

void ticket::lend(SSL* ssl) {
    SSL_set_ex_data(ssl, index(), this);
    if (session_) SSL_set_session(ssl, session_.get());
    session_.reset();
}

}  // namespace bench
