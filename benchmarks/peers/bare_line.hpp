// One TLS connection of the bare peer: OpenSSL on a non-blocking descriptor, for an edge-triggered epoll.
#pragma once

#include "tickets.hpp"

#include <netinet/in.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace bench {

struct ssl_releaser {
    void operator()(SSL* s) const noexcept { SSL_free(s); }
    void operator()(SSL_CTX* c) const noexcept { SSL_CTX_free(c); }
};
using context_ptr = std::unique_ptr<SSL_CTX, ssl_releaser>;

// TLS 1.2 or newer, and only this CA is trusted.
context_ptr make_context(const std::string& ca_file);

class bare_line {
public:
    enum class step { done, wait, failed };

    bare_line() = default;
    ~bare_line() { close(); }
    bare_line(const bare_line&) = delete;
    bare_line& operator=(const bare_line&) = delete;

    // Begins to connect.
    step open(SSL_CTX*, const sockaddr_in& to, const std::string& host, ticket&);
    void close() noexcept;
    void say_goodbye_and_close() noexcept;
    bool is_open() const noexcept { return wire_.fd >= 0; }
    int descriptor() const noexcept { return wire_.fd; }

    // What epoll says; to be told before the next step.
    void woken(std::uint32_t events) noexcept;
    step handshake() { return judge(SSL_do_handshake(ssl_.get())); }
    step write(std::string_view text);  // done: all of it
    step read(char* to, std::size_t size, std::size_t& got) { return judge(SSL_read_ex(ssl_.get(), to, size, &got)); }

    bool resumed() const noexcept { return SSL_session_reused(ssl_.get()) == 1; }
    void free_buffers() noexcept { SSL_free_buffers(ssl_.get()); }  // until they are needed again
    std::string why() const;                                        // after `failed`; forgets it

private:
    // What the BIO works on.
    struct wire {
        int fd = -1;
        int error = 0;
        bool ending = false;  // the peer has sent its last byte: read up to there
        bool empty = false;   // the socket gave less than it was asked for: nothing there before the next event
    };
    static int bio_write(BIO*, const char*, std::size_t, std::size_t*);
    static int bio_read(BIO*, char*, std::size_t, std::size_t*);
    static long bio_ctrl(BIO*, int, long, void*);
    static BIO_METHOD* bio_method();
    step judge(int ret) const noexcept;
    bool secure(SSL_CTX*, const std::string& host, ticket&);

    wire wire_;
    std::unique_ptr<SSL, ssl_releaser> ssl_;
};

}  // namespace bench
