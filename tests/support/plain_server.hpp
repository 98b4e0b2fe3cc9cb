// A server on loopback that plays one script per connection over plain TCP, for answers no proper server gives.
#pragma once

#include <support/workspace.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <deque>

namespace dbxapps::test {

using tcp = asio::ip::tcp;

// What one connection does with each request it reads, in order.
struct exchange_script {
    enum class after { keep, close, reset };
    std::string answer;
    after then = after::keep;
};

class plain_server {
public:
    // One list for each connection, in the order of their coming; connections beyond it are closed at once.
    plain_server(asio::io_context& io, std::deque<std::vector<exchange_script>> connections)
        : acceptor_(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)), scripts_(std::move(connections)) {
        asio::co_spawn(io, serve(), asio::detached);
    }
    std::string url(std::string_view path = "/api/x") const {
        return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + std::string(path);
    }
    void stop() { acceptor_.close(); }
    int accepted = 0;
    int ended = 0;  // by the client
    std::vector<std::string> requests;

private:
    awaitable<void> serve() {
        for (;;) {
            auto [ec, socket] = co_await acceptor_.async_accept(asio::as_tuple(asio::use_awaitable));
            if (ec) co_return;
            ++accepted;
            if (scripts_.empty()) continue;
            auto script = std::move(scripts_.front());
            scripts_.pop_front();
            asio::co_spawn(socket.get_executor(), play(std::move(socket), std::move(script)), asio::detached);
        }
    }
    awaitable<void> play(tcp::socket socket, std::vector<exchange_script> script) {
        std::string buffer;
        for (const auto& step : script) {
            auto [ec, n] = co_await asio::async_read_until(socket, asio::dynamic_buffer(buffer), "\r\n\r\n",
                                                           asio::as_tuple(asio::use_awaitable));
            if (ec) co_return;
            requests.push_back(buffer.substr(0, n));
            buffer.clear();
            auto [failed, sent] =
                co_await asio::async_write(socket, asio::buffer(step.answer), asio::as_tuple(asio::use_awaitable));
            if (failed || step.then == exchange_script::after::close) co_return;
            if (step.then == exchange_script::after::reset) {
                socket.set_option(asio::socket_base::linger(true, 0));
                co_return;
            }
        }
        // Stays open until the client ends it.
        char byte;
        co_await socket.async_read_some(asio::buffer(&byte, 1), asio::as_tuple(asio::use_awaitable));
        ++ended;
    }

    tcp::acceptor acceptor_;
    std::deque<std::vector<exchange_script>> scripts_;
};

inline exchange_script ok(std::string body, exchange_script::after then = exchange_script::after::keep) {
    return {"HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body, then};
}

// A client that may talk to plain servers on 127.0.0.1, with a token of its own.
struct plain_client {
    explicit plain_client(asio::io_context& io, client_options options = {}) {
        options.retry.max_retries = 0;  // what is tested is one attempt
        options.allow_hosts.push_back("127.0.0.1");
        options.network.tls.system_roots = false;
        handle = client(io.get_executor(), make_token_cache(io.get_executor(), fixed_token("a-fixed-token")), options);
    }
    client handle;
};

// Calls one after the other, each ending before the next starts; then `server` stops and the context runs out.
inline std::vector<result<response>> calls(asio::io_context& io, client c, std::vector<request> list,
                                           plain_server& server) {
    std::vector<result<response>> out;
    asio::co_spawn(
        io,
        [&, c]() mutable -> awaitable<void> {
            for (auto& r : list) {
                auto answer = co_await c.try_send(std::move(r));
                out.push_back(std::move(answer));
            }
            server.stop();
            c.close();
        },
        asio::detached);
    run_out(io);
    return out;
}

}  // namespace dbxapps::test
