// A small blocking HTTPS client for the tests of the emulator; shares no code with either side of the product.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace dbxapps::emulated {

struct session_free {
    void operator()(SSL_SESSION* s) const noexcept { SSL_SESSION_free(s); }
};
using tls_session = std::unique_ptr<SSL_SESSION, session_free>;

struct reply {
    int status = 0;
    std::string head;  // status line and fields, each ended by CRLF
    std::string body;
    std::optional<std::string> field(std::string_view name) const;
};

enum class ended { no, orderly, cut, reset, waiting };  // cut: FIN without close_notify; waiting: nothing came in time

struct dial_options {
    std::string host = "localhost";
    std::string ca_pem;  // empty: verify nothing
    std::string alpn;    // one protocol
    int version = 0;     // 0: any
    bool plain = false;  // TCP only
    SSL_SESSION* session = nullptr;
};

class tls_client {
public:
    explicit tls_client(std::uint16_t port, const dial_options& = {});
    ~tls_client();
    tls_client(const tls_client&) = delete;
    tls_client& operator=(const tls_client&) = delete;

    bool connected() const { return connected_; }  // TCP
    bool open() const { return open_; }            // and TLS
    long verify_result() const { return SSL_get_verify_result(ssl_); }
    SSL* ssl() { return ssl_; }
    tls_session ticket();  // the newest that came; needs an answer read

    bool send(std::string_view);
    reply read_reply(bool without_body = false);
    // status 0 when no answer came: `how()` tells why.
    reply ask(std::string_view method, std::string_view target, std::string_view fields, std::string_view body = {});
    ended read_more(int patience_ms = 5000);
    ended how() const { return how_; }
    std::string& input() { return input_; }
    std::string plain(std::string_view);  // sends it without TLS and gives what comes until the connection ends
    void reset();                         // RST

private:
    static int keep_ticket(SSL*, SSL_SESSION*);

    std::string host_;
    int fd_ = -1;
    SSL_CTX* context_ = nullptr;
    SSL* ssl_ = nullptr;
    tls_session ticket_;
    bool connected_ = false;
    bool open_ = false;
    ended how_ = ended::no;
    std::string input_;
};

std::uint16_t port_of(const std::string& url);
std::string host_of(const std::string& url);

}  // namespace dbxapps::emulated
