// An HTTPS server on loopback, on a thread of its own, that answers every request with "ok" and may ask who calls.
#pragma once

#include <support/workspace.hpp>

#include <emulator/certificates.hpp>
#include <emulator/server_tls.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <openssl/x509.h>

#include <atomic>
#include <thread>

namespace dbxapps::test {

struct tls_server_options {
    std::string client_ca_pem;  // asks for a certificate below this one; empty: does not ask
    int version = 0;            // of TLS, no other; 0: any
};

class tls_server {
public:
    using tcp = asio::ip::tcp;

    explicit tls_server(const tls_server_options& o = {})
        : context_(emulated::server_tls(certificates_)),
          acceptor_(io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
          url_("https://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + "/") {
        if (!o.client_ca_pem.empty()) {
            context_.add_certificate_authority(asio::buffer(o.client_ca_pem));
            context_.set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
            SSL_CTX_set_purpose(context_.native_handle(), X509_PURPOSE_SSL_SERVER);  // what make_certificates() makes
        }
        if (o.version) SSL_CTX_set_min_proto_version(context_.native_handle(), o.version);
        if (o.version) SSL_CTX_set_max_proto_version(context_.native_handle(), o.version);
        asio::co_spawn(io_, serve(), asio::detached);
        thread_ = std::thread([this] { io_.run(); });
    }
    ~tls_server() {
        io_.stop();
        thread_.join();
    }
    tls_server(const tls_server&) = delete;
    tls_server& operator=(const tls_server&) = delete;

    const std::string& url() const { return url_; }
    std::string ca_pem() const { return certificates_.ca_pem; }
    int shown() const { return shown_; }  // connections with a client's certificate

private:
    awaitable<void> serve() {
        for (;;) {
            auto [ec, socket] = co_await acceptor_.async_accept(asio::as_tuple(asio::use_awaitable));
            if (ec) co_return;
            asio::co_spawn(io_, answer(std::move(socket)), asio::detached);
        }
    }
    awaitable<void> answer(tcp::socket socket) {
        asio::ssl::stream<tcp::socket> stream(std::move(socket), context_);
        auto [refused] =
            co_await stream.async_handshake(asio::ssl::stream_base::server, asio::as_tuple(asio::use_awaitable));
        if (refused) co_return;
        if (SSL_get0_peer_certificate(stream.native_handle())) ++shown_;
        const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        for (std::string request;; request.clear()) {
            auto [ec, n] = co_await asio::async_read_until(stream, asio::dynamic_buffer(request), "\r\n\r\n",
                                                           asio::as_tuple(asio::use_awaitable));
            if (ec) co_return;
            co_await asio::async_write(stream, asio::buffer(ok), asio::as_tuple(asio::use_awaitable));
        }
    }

    const emulated::certificates certificates_ = emulated::make_certificates(emulator_certificate::good);
    asio::ssl::context context_;
    asio::io_context io_{1};
    tcp::acceptor acceptor_;
    const std::string url_;
    std::atomic<int> shown_{0};
    std::thread thread_;
};

}  // namespace dbxapps::test
