#include <net/tls_sessions.hpp>

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

ssl_session_ptr tls_sessions::take() {
    std::lock_guard lock(mutex_);
    if (kept_.empty()) return nullptr;
    ssl_session_ptr newest = std::move(kept_.back());
    kept_.pop_back();
    if (SSL_SESSION_get_protocol_version(newest.get()) < TLS1_3_VERSION && SSL_SESSION_up_ref(newest.get()) == 1) {
        kept_.emplace_back(newest.get());
    }
    return newest;
}

}  // namespace dbxapps::net
