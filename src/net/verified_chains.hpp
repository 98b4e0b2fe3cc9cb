// Certificate chains that were verified a short while ago under the same roots, so that many handshakes with one
// certificate verify it once: those of a pool, and those to hosts that share theirs, as apps below one domain can.
//
// Each handshake still proves that the peer has the certificate's key, and the host name is checked every time; a
// resumed session (RFC 8446 section 2.2) skips more than this. Thread-safe.
#pragma once

#include <openssl/ssl.h>

#include <array>
#include <cstddef>
#include <ctime>
#include <mutex>
#include <optional>
#include <vector>

namespace dbxapps::net {

class verified_chains {
public:
    using digest = std::array<unsigned char, 32>;
    static constexpr std::size_t most = 64;  // beyond that the oldest goes

    // Connections of this context verify through a memory of its own.
    static void attach(SSL_CTX*, std::time_t live);

    explicit verified_chains(std::time_t live) : live_(live) { entries_.reserve(most); }  // seconds

    // Of what the peer sent, all of it: the same leaf with other certificates beside it is another chain.
    static std::optional<digest> digest_of(X509* leaf, const STACK_OF(X509) * sent);
    static std::time_t first_expiry(const STACK_OF(X509) * chain);  // 0: unknown
    bool knows(const digest&, std::time_t now) const;
    // `expires`: when the first certificate of the chain does.
    void remember(const digest&, std::time_t now, std::time_t expires) noexcept;

private:
    struct entry {
        digest chain;
        std::time_t from, until;
    };
    static int verify(X509_STORE_CTX*, void* self) noexcept;

    const std::time_t live_;
    mutable std::mutex mutex_;
    std::vector<entry> entries_;  // the oldest first
};

}  // namespace dbxapps::net
