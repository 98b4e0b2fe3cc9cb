// A proxy on loopback, on a thread of its own: consents to CONNECT and passes bytes on to that port of 127.0.0.1,
// whatever the host, or does what its script says. It keeps everything that it was told.
#pragma once

#include <support/workspace.hpp>

#include <emulator/certificates.hpp>
#include <emulator/server_tls.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <deque>
#include <mutex>
#include <thread>

namespace dbxapps::test {

// What it does with one connection.
struct proxy_script {
    enum class kind {
        tunnel,   // says `text` and passes bytes on
        answer,   // says `text` and listens until the client ends it
        close,    // says `text` and closes
        silence,  // does not even listen
        hang_up,  // closes without listening
    };
    kind what = kind::tunnel;
    std::string text = "HTTP/1.1 200 Connection established\r\n\r\n";
};

class scripted_proxy {
public:
    using tcp = asio::ip::tcp;

    enum class speaks { plain, tls };
    // `credentials`: what it wants as Proxy-Authorization; empty: nothing.
    explicit scripted_proxy(speaks how = speaks::plain, std::string credentials = {})
        : credentials_(std::move(credentials)),
          acceptor_(io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
          port_(acceptor_.local_endpoint().port()) {
        if (how == speaks::tls) tls_.emplace(emulated::server_tls(certificates_));
        asio::co_spawn(io_, serve(), asio::detached);
        thread_ = std::thread([this] { io_.run(); });
    }
    ~scripted_proxy() {
        io_.stop();
        thread_.join();
    }
    scripted_proxy(const scripted_proxy&) = delete;
    scripted_proxy& operator=(const scripted_proxy&) = delete;

    std::string url(const std::string& userinfo = {}, const std::string& host = "127.0.0.1") const {
        return (tls_ ? "https://" : "http://") + (userinfo.empty() ? "" : userinfo + "@") + host + ":" +
               std::to_string(port_);
    }
    std::string words() const { return "127.0.0.1:" + std::to_string(port_); }
    std::string ca_pem() const { return certificates_.ca_pem; }

    void next(proxy_script s) {  // for the next connection that has none yet
        std::lock_guard lock(mutex_);
        scripts_.push_back(std::move(s));
    }
    std::vector<std::string> requests() const {
        std::lock_guard lock(mutex_);
        return requests_;
    }
    std::string heard() const {  // the requests, and what went through, on the way from the client
        std::lock_guard lock(mutex_);
        return heard_;
    }
    int resumed() const {  // handshakes with itself
        std::lock_guard lock(mutex_);
        return resumed_;
    }

private:
    awaitable<void> serve() {
        for (;;) {
            auto [ec, socket] = co_await acceptor_.async_accept(asio::as_tuple(asio::use_awaitable));
            if (ec) co_return;
            socket.set_option(tcp::no_delay(true));
            asio::co_spawn(io_, meet(std::move(socket)), asio::detached);
        }
    }
    proxy_script take_script() {
        std::lock_guard lock(mutex_);
        if (scripts_.empty()) return {};
        proxy_script out = std::move(scripts_.front());
        scripts_.pop_front();
        return out;
    }
    awaitable<void> meet(tcp::socket socket) {
        const proxy_script script = take_script();
        if (script.what == proxy_script::kind::hang_up) co_return;
        if (script.what == proxy_script::kind::silence) {
            silent_.push_back(std::move(socket));
        } else if (!tls_) {
            co_await talk(std::make_shared<tcp::socket>(std::move(socket)), script);
        } else {
            auto stream = std::make_shared<asio::ssl::stream<tcp::socket>>(std::move(socket), *tls_);
            auto [ec] =
                co_await stream->async_handshake(asio::ssl::stream_base::server, asio::as_tuple(asio::use_awaitable));
            if (ec) co_return;
            {
                std::lock_guard lock(mutex_);
                resumed_ += SSL_session_reused(stream->native_handle());
            }
            co_await talk(stream, script);
        }
    }
    template <class Stream>
    awaitable<void> talk(std::shared_ptr<Stream> client, proxy_script script) {
        std::string head;
        auto [ec, n] = co_await asio::async_read_until(*client, asio::dynamic_buffer(head), "\r\n\r\n",
                                                       asio::as_tuple(asio::use_awaitable));
        if (ec) co_return;
        {
            std::lock_guard lock(mutex_);
            requests_.push_back(head);
            heard_ += head;
        }
        const bool known =
            credentials_.empty() || head.find("\r\nProxy-Authorization: " + credentials_ + "\r\n") != head.npos;
        if (!known) {
            script.what = proxy_script::kind::answer;
            script.text =
                "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n"
                "Content-Length: 5\r\n\r\nsorry";
        }
        auto [failed, sent] =
            co_await asio::async_write(*client, asio::buffer(script.text), asio::as_tuple(asio::use_awaitable));
        if (failed || script.what == proxy_script::kind::close) co_return;
        if (script.what == proxy_script::kind::answer) co_return co_await until_the_end(client);
        const auto colon = head.rfind(':', head.find(" HTTP/1.1"));
        const auto port = static_cast<std::uint16_t>(std::stoi(head.substr(colon + 1)));
        auto host = std::make_shared<tcp::socket>(io_);
        auto [refused] = co_await host->async_connect(tcp::endpoint(asio::ip::address_v4::loopback(), port),
                                                      asio::as_tuple(asio::use_awaitable));
        if (refused) co_return;
        host->set_option(tcp::no_delay(true));
        asio::co_spawn(io_, pass(client, host, true), asio::detached);
        co_await pass(host, client, false);
    }
    template <class Stream>
    awaitable<void> until_the_end(std::shared_ptr<Stream> client) {
        char byte;
        co_await client->async_read_some(asio::buffer(&byte, 1), asio::as_tuple(asio::use_awaitable));
    }
    // Whichever direction ends ends both.
    template <class From, class To>
    awaitable<void> pass(std::shared_ptr<From> from, std::shared_ptr<To> to, bool heard) {
        std::string buffer(16 * 1024, '\0');
        for (;;) {
            auto [ec, n] = co_await from->async_read_some(asio::buffer(buffer), asio::as_tuple(asio::use_awaitable));
            if (ec) break;
            if (heard) {
                std::lock_guard lock(mutex_);
                heard_.append(buffer, 0, n);
            }
            auto [failed, sent] =
                co_await asio::async_write(*to, asio::buffer(buffer, n), asio::as_tuple(asio::use_awaitable));
            if (failed) break;
        }
        boost::system::error_code ignored;
        from->lowest_layer().shutdown(tcp::socket::shutdown_both, ignored);
        to->lowest_layer().shutdown(tcp::socket::shutdown_both, ignored);
    }

    const emulated::certificates certificates_ = emulated::make_certificates(emulator_certificate::good);
    const std::string credentials_;
    std::optional<asio::ssl::context> tls_;
    asio::io_context io_{1};
    tcp::acceptor acceptor_;
    const std::uint16_t port_;
    std::vector<tcp::socket> silent_;
    mutable std::mutex mutex_;
    std::deque<proxy_script> scripts_;
    std::vector<std::string> requests_;
    std::string heard_;
    int resumed_ = 0;
    std::thread thread_;
};

}  // namespace dbxapps::test
