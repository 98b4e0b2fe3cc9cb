// TLS sessions of one origin, kept to be resumed. Thread-safe.
//
// TLS 1.3 tickets come after the handshake and are used once (RFC 8446 appendix C.4); sessions of TLS 1.2 stay.
#pragma once

#include <net/tls_context.hpp>

#include <cstddef>
#include <ctime>
#include <mutex>
#include <vector>

namespace dbxapps::net {

class tls_sessions {
public:
    explicit tls_sessions(std::size_t most) : most_(most) {}
    void keep(ssl_session_ptr);  // beyond `most` the oldest goes
    // The newest, or null. None whose certificate has expired since: nobody looks at it when a session is resumed.
    ssl_session_ptr take(std::time_t now);

private:
    std::mutex mutex_;
    std::vector<ssl_session_ptr> kept_;
    std::size_t most_;
};

}  // namespace dbxapps::net
