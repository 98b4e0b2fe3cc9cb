#include <net/tls_stream.hpp>

#include <openssl/err.h>
#include <openssl/x509.h>

#include <sys/socket.h>
#include <sys/types.h>

#include <cerrno>
#include <string_view>
#include <utility>

namespace dbxapps::net {
namespace {

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

// An outer stream wants what its caller would not expect: to write before it can read, or the other way round.
constexpr int other_way_round = EINPROGRESS;

template <class Write, class Read, class Control>
BIO_METHOD* new_method(const char* name, Write write, Read read, Control control) {
    BIO_METHOD* m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, name);
    BIO_meth_set_write_ex(m, write);
    BIO_meth_set_read_ex(m, read);
    BIO_meth_set_ctrl(m, control);
    return m;
}

}  // namespace

tls_stream::tls_stream(int fd, ssl_ptr ssl, std::shared_ptr<tls_stream> outer)
    : outer_(std::move(outer)), ssl_(std::move(ssl)) {
    wire_.fd = fd;
    wire_.outer = outer_.get();
    if (!ssl_) return;
    BIO* bio = BIO_new(outer_ ? outer_method() : bio_method());
    BIO_set_data(bio, &wire_);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_info_callback(ssl_.get(), heard);
}

// By its type, as TLS 1.3 has it, whatever its level says (RFC 8446 section 6).
void tls_stream::heard(const SSL* ssl, int what, int value) {
    if ((what & SSL_CB_READ_ALERT) != SSL_CB_READ_ALERT) return;
    const int alert = value & 0xff;
    const bool warning = alert == SSL_AD_CLOSE_NOTIFY || alert == SSL_AD_USER_CANCELLED;
    const bool fatal = value >> 8 == SSL3_AL_FATAL || SSL_version(ssl) >= TLS1_3_VERSION;
    if (fatal && !warning) static_cast<wire*>(BIO_get_data(SSL_get_rbio(ssl)))->alert = alert;
}

// OpenSSL takes a connection that ends without close_notify as a reason never to resume its session. On HTTP, which
// delimits its messages, the end of a connection says nothing about its session (RFC 5246 section 7.2.1 agrees).
tls_stream::~tls_stream() {
    if (ssl_ && SSL_is_init_finished(ssl_.get())) {
        SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    }
}

// A stream socket that gives less than it was asked for is empty (epoll(7)), so the next read need not ask; but the end
// of the stream may stand behind those bytes, or more behind urgent data, and that is not told twice.
long tls_stream::receive(wire& w, char* to, std::size_t size) {
    if (w.dry) {
        w.error = EAGAIN;
        return -1;
    }
    ssize_t n;
    do {
        n = ::recv(w.fd, to, size, 0);
    } while (n < 0 && errno == EINTR);
    w.error = n < 0 ? errno : 0;
    if (n == 0) w.end = true;
    w.dry = n > 0 ? static_cast<std::size_t>(n) < size && !w.doubted : would_block(w.error);
    return n;
}

// The goodbye goes with the end of the stream, which follows at once, in one packet (MSG_MORE, send(2)).
long tls_stream::transmit(wire& w, const char* from, std::size_t size) {
    const int flags = MSG_NOSIGNAL | (w.last ? MSG_MORE : 0);
    ssize_t n;
    do {
        n = ::send(w.fd, from, size, flags);
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

// What the outer stream says, as a socket would say it. True: it moved something.
bool tls_stream::hear(wire& w, const io_result& r, io_state usual) {
    const bool wants = r.state == io_state::want_read || r.state == io_state::want_write;
    w.error = 0;
    if (r.state == io_state::end) w.end = true;
    if (r.state == io_state::failed) w.error = r.error ? r.error.value() : EPROTO;
    if (wants) w.error = r.state == usual ? EAGAIN : other_way_round;
    return r.state == io_state::done;
}

// Never more than whole records of the outer stream count as sent: of less, nothing can be read at the other end.
int tls_stream::outer_write(BIO* bio, const char* from, std::size_t size, std::size_t* moved) {
    auto& w = *static_cast<wire*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const io_result r = w.outer->write(from, size);
    const bool done = hear(w, r, io_state::want_write);
    if (would_block(w.error) || w.error == other_way_round) BIO_set_retry_write(bio);
    w.sent += r.bytes;
    *moved = r.bytes;
    return done;
}

// It asks the outer stream until that has nothing: how much is in there does not tell what the socket has.
int tls_stream::outer_read(BIO* bio, char* to, std::size_t size, std::size_t* moved) {
    auto& w = *static_cast<wire*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    io_result r{.state = io_state::want_read};
    if (!w.dry) {
        w.outer->refill(w.doubted);
        r = w.outer->read(to, size);
    }
    const bool done = hear(w, r, io_state::want_read);
    w.dry = would_block(w.error);
    if (w.dry || w.error == other_way_round) BIO_set_retry_read(bio);
    *moved = r.bytes;
    return done;
}

long tls_stream::bio_ctrl(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_EOF) return static_cast<wire*>(BIO_get_data(bio))->end ? 1 : 0;
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* tls_stream::bio_method() {
    static BIO_METHOD* const method = new_method("dbxapps socket", bio_write, bio_read, bio_ctrl);
    return method;
}

BIO_METHOD* tls_stream::outer_method() {
    static BIO_METHOD* const method = new_method("dbxapps TLS", outer_write, outer_read, bio_ctrl);
    return method;
}

io_result tls_stream::plain(long moved) const {
    if (moved > 0) return {.state = io_state::done, .bytes = static_cast<std::size_t>(moved)};
    if (moved == 0) return {.state = io_state::end, .clean = true};
    return {.error = error_code(wire_.error, boost::system::system_category())};
}

// What the BIO saw says most, without asking OpenSSL's queue of errors: that costs more than the rest of a read.
io_result tls_stream::judge(int ret, std::size_t bytes) {
    if (ret == 1) return {.state = io_state::done, .bytes = bytes};
    if (would_block(wire_.error)) {
        if (SSL_want_read(ssl_.get())) return {.state = io_state::want_read};
        if (SSL_want_write(ssl_.get())) return {.state = io_state::want_write};
    }
    return judge_failure(ret);
}

// SSL_get_error believes whatever stands in the thread's queue of errors, so it is asked with an empty one.
io_result tls_stream::judge_failure(int ret) {
    const unsigned long code = SSL_is_init_finished(ssl_.get()) ? ERR_peek_last_error() : ERR_peek_error();
    ERR_clear_error();
    // OpenSSL takes it for an orderly end, too, and the end of the stream comes along.
    if (wire_.alert != 0) return {.tls = ERR_PACK(ERR_LIB_SSL, 0, SSL_AD_REASON_OFFSET + wire_.alert)};
    if (SSL_get_error(ssl_.get(), ret) == SSL_ERROR_ZERO_RETURN) return {.state = io_state::end, .clean = true};
    if (wire_.error == other_way_round) {
        return {.state = SSL_want_read(ssl_.get()) ? io_state::want_write : io_state::want_read};
    }
    if (wire_.error != 0 && !would_block(wire_.error)) {
        return {.error = error_code(wire_.error, boost::system::system_category())};
    }
    if (wire_.end) return {.state = io_state::end};
    return {.tls = code};
}

io_result tls_stream::handshake() {
    if (!ssl_) return {.state = io_state::done};
    ERR_clear_error();
    wire_.error = 0;
    return judge(SSL_do_handshake(ssl_.get()), 0);
}

io_result tls_stream::read(char* to, std::size_t size) {
    wire_.error = 0;
    if (!ssl_) {
        const long n = receive(wire_, to, size);
        return n < 0 && would_block(wire_.error) ? io_result{.state = io_state::want_read} : plain(n);
    }
    std::size_t bytes = 0;
    const int ret = SSL_read_ex(ssl_.get(), to, size, &bytes);
    return judge(ret, bytes);
}

io_result tls_stream::write(const char* from, std::size_t size) {
    wire_.error = 0;
    if (!ssl_) {
        const long n = transmit(wire_, from, size);
        return n < 0 && would_block(wire_.error) ? io_result{.state = io_state::want_write} : plain(n);
    }
    std::size_t bytes = 0;
    const int ret = SSL_write_ex(ssl_.get(), from, size, &bytes);
    return judge(ret, bytes);
}

bool tls_stream::bytes_pending() const noexcept { return ssl_ && SSL_pending(ssl_.get()) > 0; }

tls_stream::peek_result tls_stream::peek(bool look) {
    if (!look && wire_.dry && (!ssl_ || SSL_has_pending(ssl_.get()) == 0)) {
        const bool over = wire_.end || (ssl_ && SSL_get_shutdown(ssl_.get()) != 0);
        return over ? peek_result::dead : peek_result::quiet;
    }
    char byte;
    if (look) refill();
    if (!ssl_) return peek_plain();
    wire_.error = 0;
    std::size_t bytes = 0;
    const int ret = SSL_peek_ex(ssl_.get(), &byte, 1, &bytes);
    const io_result r = judge(ret, bytes);
    if (r.state == io_state::done) return peek_result::stray;
    return r.state == io_state::want_read ? peek_result::quiet : peek_result::dead;
}

tls_stream::peek_result tls_stream::peek_plain() const {
    char byte;
    const ssize_t n = ::recv(wire_.fd, &byte, 1, MSG_PEEK);
    if (n > 0) return peek_result::stray;
    return n < 0 && would_block(errno) ? peek_result::quiet : peek_result::dead;
}

// OpenSSL before 3.0.14 frees a buffer of which a record has been begun (CVE-2024-4741).
void tls_stream::free_buffers() noexcept {
    if (ssl_ && std::string_view(SSL_rstate_string(ssl_.get())) == "RH") SSL_free_buffers(ssl_.get());
    if (outer_) outer_->free_buffers();
}

bool tls_stream::resumed() const noexcept { return ssl_ && SSL_session_reused(ssl_.get()) == 1; }

std::string tls_stream::verify_words() const {
    const long code = ssl_ ? SSL_get_verify_result(ssl_.get()) : X509_V_OK;
    return code == X509_V_OK ? std::string() : X509_verify_cert_error_string(code);
}

void tls_stream::say_goodbye() noexcept {
    if (!ssl_ || SSL_in_init(ssl_.get())) return;
    ERR_clear_error();
    wire_.last = true;
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
    if (outer_) outer_->say_goodbye();
}

}  // namespace dbxapps::net
