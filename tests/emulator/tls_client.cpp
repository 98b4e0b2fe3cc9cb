#include "tls_client.hpp"

#include <netinet/in.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

namespace dbxapps::emulated {
namespace {

// A socket BIO that raises no SIGPIPE.
BIO_METHOD* quiet_socket() {
    static BIO_METHOD* const method = [] {
        BIO_METHOD* m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "quiet socket");
        BIO_meth_set_read(m, [](BIO* b, char* to, int size) {
            BIO_clear_retry_flags(b);
            const auto fd = static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(b)));
            return static_cast<int>(::recv(fd, to, static_cast<std::size_t>(size), 0));
        });
        BIO_meth_set_write(m, [](BIO* b, const char* from, int size) {
            BIO_clear_retry_flags(b);
            const auto fd = static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(b)));
            return static_cast<int>(::send(fd, from, static_cast<std::size_t>(size), MSG_NOSIGNAL));
        });
        BIO_meth_set_ctrl(m, [](BIO*, int what, long, void*) -> long { return what == BIO_CTRL_FLUSH; });
        return m;
    }();
    return method;
}

void trust(SSL_CTX* context, const std::string& pem) {
    BIO* const bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    X509* const ca = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), ca);
    X509_free(ca);
    BIO_free(bio);
}

}  // namespace

std::optional<std::string> reply::field(std::string_view name) const {
    for (std::size_t at = head.find("\r\n"); at != head.npos && at + 2 < head.size(); at = head.find("\r\n", at + 2)) {
        const std::string line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
        const auto colon = line.find(": ");
        if (colon == name.size() && ::strncasecmp(line.c_str(), name.data(), colon) == 0) return line.substr(colon + 2);
    }
    return std::nullopt;
}

tls_client::tls_client(std::uint16_t port, const dial_options& how) : host_(how.host) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in there{};
    there.sin_family = AF_INET;
    there.sin_port = htons(port);
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&there), sizeof there) == 0;
    context_ = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_clear_mode(context_, SSL_MODE_AUTO_RETRY);  // a ticket alone is no reason to wait for more
    SSL_CTX_sess_set_new_cb(context_, keep_ticket);
    if (how.version) {
        SSL_CTX_set_min_proto_version(context_, how.version);
        SSL_CTX_set_max_proto_version(context_, how.version);
    }
    if (!how.ca_pem.empty()) {
        trust(context_, how.ca_pem);
        SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
    }
    ssl_ = SSL_new(context_);
    SSL_set_app_data(ssl_, reinterpret_cast<char*>(this));
    SSL_set_tlsext_host_name(ssl_, how.host.c_str());
    SSL_set1_host(ssl_, how.host.c_str());
    if (how.session) SSL_set_session(ssl_, how.session);
    if (!how.alpn.empty()) {
        const std::string wire = static_cast<char>(how.alpn.size()) + how.alpn;
        SSL_set_alpn_protos(ssl_, reinterpret_cast<const unsigned char*>(wire.data()),
                            static_cast<unsigned>(wire.size()));
    }
    BIO* const bio = BIO_new(quiet_socket());
    BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(fd_)));
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_, bio, bio);
    ERR_clear_error();
    open_ = connected_ && !how.plain && SSL_connect(ssl_) == 1;
}

tls_client::~tls_client() {
    if (open_ && how_ == ended::no) SSL_shutdown(ssl_);
    SSL_free(ssl_);
    SSL_CTX_free(context_);
    if (fd_ >= 0) ::close(fd_);
}

int tls_client::keep_ticket(SSL* ssl, SSL_SESSION* session) {
    reinterpret_cast<tls_client*>(SSL_get_app_data(ssl))->ticket_.reset(session);
    return 1;
}

tls_session tls_client::ticket() { return std::move(ticket_); }

bool tls_client::send(std::string_view bytes) {
    ERR_clear_error();
    return open_ && SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) == static_cast<int>(bytes.size());
}

ended tls_client::read_more(int patience_ms) {
    pollfd wait{fd_, POLLIN, 0};
    if (!open_) return how_ = ended::cut;
    if (!SSL_has_pending(ssl_) && ::poll(&wait, 1, patience_ms) <= 0) return how_ = ended::waiting;
    char buffer[16384];
    errno = 0;
    ERR_clear_error();
    const int size = SSL_read(ssl_, buffer, sizeof buffer);
    if (size > 0) {
        input_.append(buffer, static_cast<std::size_t>(size));
        return how_ = ended::no;
    }
    const int why = SSL_get_error(ssl_, size);
    if (why == SSL_ERROR_WANT_READ) return how_ = ended::no;
    if (why == SSL_ERROR_ZERO_RETURN) return how_ = ended::orderly;
    return how_ = errno == ECONNRESET ? ended::reset : ended::cut;
}

reply tls_client::read_reply(bool without_body) {
    reply out;
    std::size_t end;
    while ((end = input_.find("\r\n\r\n")) == input_.npos) {
        if (read_more() != ended::no) return out;
    }
    out.head = input_.substr(0, end + 2);
    input_.erase(0, end + 4);
    const int status = std::atoi(out.head.c_str() + 9);
    const auto need = [this](std::size_t size) {
        while (input_.size() < size) {
            if (read_more() != ended::no) return false;
        }
        return true;
    };
    const auto take = [&](std::size_t size) {
        out.body.append(input_, 0, size);
        input_.erase(0, size);
    };
    if (out.field("transfer-encoding") == "chunked" && !without_body) {
        for (std::size_t size = 1; size > 0;) {
            while (input_.find("\r\n") == input_.npos) {
                if (read_more() != ended::no) return out;
            }
            size = std::strtoul(input_.c_str(), nullptr, 16);
            input_.erase(0, input_.find("\r\n") + 2);
            if (!need(size + 2)) return out;
            take(size);
            input_.erase(0, 2);
        }
    } else if (const auto length = out.field("content-length"); length && !without_body) {
        const std::size_t size = std::strtoul(length->c_str(), nullptr, 10);
        if (!need(size)) return out.body = std::move(input_), out;
        take(size);
    }
    out.status = status;
    return out;
}

reply tls_client::ask(std::string_view method, std::string_view target, std::string_view fields,
                      std::string_view body) {
    std::string text(method);
    text.append(" ").append(target).append(" HTTP/1.1\r\nHost: ").append(host_).append(":1\r\n").append(fields);
    if (!body.empty()) text.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
    text.append("\r\n").append(body);
    send(text);
    return read_reply(method == "HEAD");
}

std::string tls_client::plain(std::string_view bytes) {
    std::string out;
    ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    char buffer[512];
    pollfd wait{fd_, POLLIN, 0};
    while (::poll(&wait, 1, 5000) > 0) {
        const auto size = ::recv(fd_, buffer, sizeof buffer, 0);
        if (size <= 0) return out;
        out.append(buffer, static_cast<std::size_t>(size));
    }
    return "the connection stayed open";
}

void tls_client::reset() {
    const linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    ::close(std::exchange(fd_, -1));
    open_ = false;
}

std::uint16_t port_of(const std::string& url) {
    return static_cast<std::uint16_t>(std::atoi(url.c_str() + url.rfind(':') + 1));
}

std::string host_of(const std::string& url) { return url.substr(8, url.rfind(':') - 8); }

}  // namespace dbxapps::emulated
