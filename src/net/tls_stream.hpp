// Bytes over one connected, non-blocking socket: TLS by OpenSSL on the descriptor itself, or inside another TLS stream,
// or plain TCP.
//
// Nothing here waits or throws: every call says what it needs next, and the caller waits for the socket. SIGPIPE never
// fires (MSG_NOSIGNAL in a BIO_METHOD of our own). What others left in the thread's queue of OpenSSL errors misleads
// nothing. Not thread-safe.
#pragma once

#include <net/tls_context.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace dbxapps::net {

enum class io_state {
    done,        // `bytes` were moved, or the handshake is complete
    want_read,   // wait until the socket is readable, then call again
    want_write,  // wait until the socket is writable, then call again
    end,         // the peer ended the stream; `clean`: by close_notify (or FIN on plain TCP)
    failed,      // `error` by the system, or else `tls`
};

struct io_result {
    io_state state = io_state::failed;
    std::size_t bytes = 0;
    bool clean = false;
    error_code error{};
    unsigned long tls = 0;  // OpenSSL's error code, for openssl_words()
};

class tls_stream {
public:
    tls_stream() = default;
    // The descriptor stays the caller's. A null `ssl` is plain TCP. `outer`, on the same descriptor and with its
    // handshake done, is what it goes through: TLS inside TLS.
    tls_stream(int fd, ssl_ptr ssl, std::shared_ptr<tls_stream> outer = nullptr);
    ~tls_stream();
    tls_stream(const tls_stream&) = delete;
    tls_stream& operator=(const tls_stream&) = delete;

    io_result handshake();
    io_result read(char* to, std::size_t size);
    io_result write(const char* from, std::size_t size);

    // The socket may have more: until somebody says so, no read asks one in vain that was found empty. `doubted`: from
    // now on a read that gives less than it could is no sign of that.
    void refill(bool doubted = false) noexcept {
        wire_.dry = false;
        wire_.doubted = wire_.doubted || doubted;
    }
    bool dry() const noexcept { return wire_.dry; }

    void free_buffers() noexcept;         // OpenSSL's, until they are needed again; not while anything is in them
    bool bytes_pending() const noexcept;  // decrypted and not read yet
    // Is a healthy idle connection what it looks like? `look`: ask the socket; else only what was received already.
    enum class peek_result { quiet, stray, dead };
    peek_result peek(bool look);

    std::uint64_t bytes_sent() const noexcept { return wire_.sent; }  // on the wire, TLS included
    bool resumed() const noexcept;
    std::string verify_words() const;  // why the certificate was not accepted; empty: it was
    void say_goodbye() noexcept;       // close_notify, as far as it goes without waiting; the socket is closed next

private:
    // What the BIO works on. It stays at one address: the BIO points to it.
    struct wire {
        int fd = -1;
        bool dry = true;  // the socket has nothing, as far as is known: reads say so without asking it
        bool doubted = false;
        bool end = false;
        int error = 0;  // errno of the last failed call
        std::uint64_t sent = 0;
        tls_stream* outer = nullptr;  // instead of the descriptor
        bool last = false;            // what is written now is the last before the socket is closed
        int alert = 0;                // the fatal one that came; OpenSSL tells it once, and calls it the end after that
    };
    static void heard(const SSL*, int what, int value);
    static int bio_write(BIO*, const char*, std::size_t, std::size_t*);
    static int bio_read(BIO*, char*, std::size_t, std::size_t*);
    static long bio_ctrl(BIO*, int, long, void*);
    static BIO_METHOD* bio_method();
    static int outer_write(BIO*, const char*, std::size_t, std::size_t*);
    static int outer_read(BIO*, char*, std::size_t, std::size_t*);
    static BIO_METHOD* outer_method();
    static bool hear(wire&, const io_result& of_outer, io_state usual);
    static long receive(wire&, char*, std::size_t);
    static long transmit(wire&, const char*, std::size_t);
    io_result plain(long moved) const;
    io_result judge(int ret, std::size_t bytes);
    io_result judge_failure(int ret);
    peek_result peek_plain() const;

    std::shared_ptr<tls_stream> outer_;
    wire wire_;
    ssl_ptr ssl_;
};

}  // namespace dbxapps::net
