#include "bare_line.hpp"

#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace bench {

context_ptr make_context(const std::string& ca_file) {
    context_ptr ctx(SSL_CTX_new(TLS_client_method()));
    if (!ctx || SSL_CTX_load_verify_locations(ctx.get(), ca_file.c_str(), nullptr) != 1) {
        throw std::runtime_error("the CA file " + ca_file + " cannot be used");
    }
    SSL_CTX_set_min_proto_version(ctx.get(), TLS1_2_VERSION);
    SSL_CTX_set_verify(ctx.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_read_ahead(ctx.get(), 1);
    ticket::collect(ctx.get());
    return ctx;
}

int bare_line::bio_write(BIO* bio, const char* from, std::size_t size, std::size_t* moved) {
    auto& w = *static_cast<wire*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const ssize_t n = ::send(w.fd, from, size, MSG_NOSIGNAL);
    *moved = n > 0 ? static_cast<std::size_t>(n) : 0;
    if (n > 0) return 1;
    if (errno == EAGAIN) {
        BIO_set_retry_write(bio);
    } else {
        w.error = errno;
    }
    return 0;
}

int bare_line::bio_read(BIO* bio, char* to, std::size_t size, std::size_t* moved) {
    auto& w = *static_cast<wire*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const ssize_t n = w.empty ? -1 : ::recv(w.fd, to, size, 0);
    *moved = n > 0 ? static_cast<std::size_t>(n) : 0;
    if (n > 0) {
        w.empty = *moved < size && !w.ending;
        return 1;
    }
    if (w.empty || (n < 0 && errno == EAGAIN)) {
        BIO_set_retry_read(bio);
    } else {
        w.error = n < 0 ? errno : ECONNRESET;
    }
    return 0;
}

long bare_line::bio_ctrl(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

BIO_METHOD* bare_line::bio_method() {
    static BIO_METHOD* const method = [] {
        BIO_METHOD* const m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "bare socket");
        BIO_meth_set_write_ex(m, bio_write);
        BIO_meth_set_read_ex(m, bio_read);
        BIO_meth_set_ctrl(m, bio_ctrl);
        return m;
    }();
    return method;
}

bool bare_line::secure(SSL_CTX* ctx, const std::string& host, ticket& known) {
    ssl_.reset(SSL_new(ctx));
    BIO* const bio = ssl_ ? BIO_new(bio_method()) : nullptr;
    if (!bio) return false;
    BIO_set_data(bio, &wire_);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_connect_state(ssl_.get());
    known.lend(ssl_.get());
    return SSL_set_tlsext_host_name(ssl_.get(), host.c_str()) == 1 && SSL_set1_host(ssl_.get(), host.c_str()) == 1;
}

bare_line::step bare_line::open(SSL_CTX* ctx, const sockaddr_in& to, const std::string& host, ticket& known) {
    close();
    wire_ = {};
    wire_.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    if (wire_.fd >= 0) ::setsockopt(wire_.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const auto* const address = reinterpret_cast<const sockaddr*>(&to);
    if (wire_.fd < 0 || (::connect(wire_.fd, address, sizeof to) != 0 && errno != EINPROGRESS)) {
        wire_.error = errno;
        return step::failed;
    }
    return secure(ctx, host, known) ? step::wait : step::failed;
}

void bare_line::close() noexcept {
    if (ssl_) keep_resumable(ssl_.get());
    ssl_.reset();
    if (wire_.fd >= 0) ::close(wire_.fd);
    wire_.fd = -1;
}

void bare_line::say_goodbye_and_close() noexcept {
    SSL_shutdown(ssl_.get());
    close();
}

void bare_line::woken(std::uint32_t events) noexcept {
    wire_.empty = false;
    if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) wire_.ending = true;
}

bare_line::step bare_line::write(std::string_view text) {
    std::size_t written = 0;
    return judge(SSL_write_ex(ssl_.get(), text.data(), text.size(), &written));
}

bare_line::step bare_line::judge(int ret) const noexcept {
    if (ret == 1) return step::done;
    const int error = SSL_get_error(ssl_.get(), ret);
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? step::wait : step::failed;
}

std::string bare_line::why() const {
    const long verdict = ssl_ ? SSL_get_verify_result(ssl_.get()) : X509_V_OK;
    const unsigned long reason = ERR_peek_last_error();
    ERR_clear_error();
    if (verdict != X509_V_OK) return X509_verify_cert_error_string(verdict);
    if (wire_.error != 0) return std::system_category().message(wire_.error);
    const char* const words = reason != 0 ? ERR_reason_error_string(reason) : nullptr;
    return words ? words : "the connection ended";
}

}  // namespace bench
