#include <net/tls_sessions.hpp>

#include <openssl/x509.h>

#include <utility>

namespace dbxapps::net {

void tls_sessions::keep(ssl_session_ptr session) {
    ssl_session_ptr dropped;  // freed after unlocking
    std::lock_guard lock(mutex_);
    if (kept_.size() >= most_ && !kept_.empty()) {
        dropped = std::move(kept_.front());
        kept_.erase(kept_.begin());
    }
    if (most_ > 0) kept_.push_back(std::move(session));
}

namespace {

bool expired(const SSL_SESSION* session, std::time_t now) {
    const X509* const shown = SSL_SESSION_get0_peer(const_cast<SSL_SESSION*>(session));
    return shown && X509_cmp_time(X509_get0_notAfter(shown), &now) < 0;
}

}  // namespace

ssl_session_ptr tls_sessions::take(std::time_t now) {
    std::lock_guard lock(mutex_);
    while (!kept_.empty() && expired(kept_.back().get(), now))
        kept_.pop_back();
    if (kept_.empty()) return nullptr;
    ssl_session_ptr newest = std::move(kept_.back());
    kept_.pop_back();
    if (SSL_SESSION_get_protocol_version(newest.get()) < TLS1_3_VERSION && SSL_SESSION_up_ref(newest.get()) == 1) {
        kept_.emplace_back(newest.get());
    }
    return newest;
}

}  // namespace dbxapps::net
