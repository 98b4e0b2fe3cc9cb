#include <net/tls_stream.hpp>

#include <openssl/err.h>
#include <openssl/x509.h>

#include <sys/socket.h>
#include <sys/types.h>

#include <cerrno>
#include <utility>

namespace dbxapps::net {
namespace {

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

}  // namespace

tls_stream::tls_stream(int fd, ssl_ptr ssl) : ssl_(std::move(ssl)) {
    wire_.fd = fd;
    if (!ssl_) return;
    BIO* bio = BIO_new(bio_method());
    BIO_set_data(bio, &wire_);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_.get(), bio, bio);
}

// OpenSSL takes a connection that ends without close_notify as a reason never to resume its session. On HTTP, which
// delimits its messages, the end of a connection says nothing about its session (RFC 5246 section 7.2.1 agrees).
tls_stream::~tls_stream() {
    if (ssl_ && SSL_is_init_finished(ssl_.get())) {
        SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    }
}

long tls_stream::receive(wire& w, char* to, std::size_t size) {
    if (w.offline) {
        w.error = EAGAIN;
        return -1;
    }
    ssize_t n;
    do {
        n = ::recv(w.fd, to, size, 0);
    } while (n < 0 && errno == EINTR);
    w.error = n < 0 ? errno : 0;
    if (n == 0) w.end = true;
    return n;
}

long tls_stream::transmit(wire& w, const char* from, std::size_t size) {
    ssize_t n;
    do {
        n = ::send(w.fd, from, size, MSG_NOSIGNAL);
    } while (n < 0 && errno == EINTR);
    w.error = n < 0 ? errno : 0;
    if (n > 0) w.sent += static_cast<std::uint64_t>(n);
    return n;
}

int tls_stream::bio_write(BIO* bio, const char* from, std::size_t size, std::size_t* moved) {
    auto& w = *static_cast<wire*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const long n = transmit(w, from, size);
    if (n < 0 && would_block(w.error)) BIO_set_retry_write(bio);
    *moved = n > 0 ? static_cast<std::size_t>(n) : 0;
    return n > 0;
}

int tls_stream::bio_read(BIO* bio, char* to, std::size_t size, std::size_t* moved) {
    auto& w = *static_cast<wire*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const long n = receive(w, to, size);
    if (n < 0 && would_block(w.error)) BIO_set_retry_read(bio);
    *moved = n > 0 ? static_cast<std::size_t>(n) : 0;
    return n > 0;
}

long tls_stream::bio_ctrl(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_EOF) return static_cast<wire*>(BIO_get_data(bio))->end ? 1 : 0;
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* tls_stream::bio_method() {
    static BIO_METHOD* const method = [] {
        BIO_METHOD* m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "dbxapps socket");
        BIO_meth_set_write_ex(m, bio_write);
        BIO_meth_set_read_ex(m, bio_read);
        BIO_meth_set_ctrl(m, bio_ctrl);
        return m;
    }();
    return method;
}

io_result tls_stream::plain(long moved) const {
    if (moved > 0) return {io_state::done, static_cast<std::size_t>(moved), false, {}};
    if (moved == 0) return {io_state::end, 0, true, {}};
    return {io_state::failed, 0, false, error_code(wire_.error, boost::system::system_category())};
}

io_result tls_stream::judge(int ret, std::size_t bytes) {
    if (ret == 1) return {io_state::done, bytes, false, {}};
    switch (SSL_get_error(ssl_.get(), ret)) {
        case SSL_ERROR_WANT_READ: return {io_state::want_read, 0, false, {}};
        case SSL_ERROR_WANT_WRITE: return {io_state::want_write, 0, false, {}};
        case SSL_ERROR_ZERO_RETURN: return {io_state::end, 0, true, {}};
        default: break;
    }
    if (wire_.error != 0 && !would_block(wire_.error)) {
        ERR_clear_error();
        return {io_state::failed, 0, false, error_code(wire_.error, boost::system::system_category())};
    }
    if (wire_.end) {
        ERR_clear_error();
        return {io_state::end, 0, false, {}};
    }
    return {};  // OpenSSL's own reason stays in its queue for openssl_words()
}

io_result tls_stream::handshake() {
    if (!ssl_) return {io_state::done, 0, false, {}};
    ERR_clear_error();
    wire_.error = 0;
    return judge(SSL_do_handshake(ssl_.get()), 0);
}

io_result tls_stream::read(char* to, std::size_t size) {
    if (!ssl_) {
        const long n = receive(wire_, to, size);
        return n < 0 && would_block(wire_.error) ? io_result{io_state::want_read, 0, false, {}} : plain(n);
    }
    ERR_clear_error();
    wire_.error = 0;
    std::size_t bytes = 0;
    const int ret = SSL_read_ex(ssl_.get(), to, size, &bytes);
    return judge(ret, bytes);
}

io_result tls_stream::write(const char* from, std::size_t size) {
    if (!ssl_) {
        const long n = transmit(wire_, from, size);
        return n < 0 && would_block(wire_.error) ? io_result{io_state::want_write, 0, false, {}} : plain(n);
    }
    ERR_clear_error();
    wire_.error = 0;
    std::size_t bytes = 0;
    const int ret = SSL_write_ex(ssl_.get(), from, size, &bytes);
    return judge(ret, bytes);
}

bool tls_stream::bytes_pending() const noexcept { return ssl_ && SSL_pending(ssl_.get()) > 0; }

tls_stream::peek_result tls_stream::peek(bool look) {
    char byte;
    wire_.offline = !look;
    wire_.error = 0;
    peek_result out = peek_result::dead;
    if (ssl_) {
        ERR_clear_error();
        std::size_t bytes = 0;
        const int ret = SSL_peek_ex(ssl_.get(), &byte, 1, &bytes);
        const io_result r = judge(ret, bytes);
        if (r.state == io_state::done) out = peek_result::stray;
        if (r.state == io_state::want_read) out = peek_result::quiet;
        ERR_clear_error();
    } else {
        const ssize_t n = look ? ::recv(wire_.fd, &byte, 1, MSG_PEEK) : -1;
        if (n > 0) out = peek_result::stray;
        if (n < 0 && (!look || would_block(errno))) out = peek_result::quiet;
    }
    wire_.offline = false;
    return out;
}

bool tls_stream::resumed() const noexcept { return ssl_ && SSL_session_reused(ssl_.get()) == 1; }

std::string tls_stream::verify_words() const {
    const long code = ssl_ ? SSL_get_verify_result(ssl_.get()) : X509_V_OK;
    return code == X509_V_OK ? std::string() : X509_verify_cert_error_string(code);
}

void tls_stream::say_goodbye() noexcept {
    if (!ssl_ || SSL_in_init(ssl_.get())) return;
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
}

}  // namespace dbxapps::net
