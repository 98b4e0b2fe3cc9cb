// Embedding: a Beast server that answers each of its own requests by calling an app, on the same io_context.
//
// The library needs no thread and no loop of its own: handle() awaits a call as it awaits a socket.
#include "where.hpp"

#include <dbxapps/dbxapps.hpp>

#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::use_awaitable;
using asio::ip::tcp;
using text_request = http::request<http::string_body>;
using text_response = http::response<http::string_body>;

asio::awaitable<text_response> handle(dbxapps::client apps, std::string base, text_request asked) {
    auto came = co_await apps.try_send(dbxapps::get(base + std::string(asked.target())));
    text_response answer(came ? static_cast<http::status>(came->status()) : http::status::bad_gateway, asked.version());
    answer.body() = came ? std::move(came->body()) : came.error().detail;
    answer.keep_alive(asked.keep_alive());
    answer.prepare_payload();
    co_return answer;
}

asio::awaitable<void> serve(tcp::acceptor& door, dbxapps::client apps, std::string base) {
    tcp::socket visitor = co_await door.async_accept(use_awaitable);
    boost::beast::flat_buffer buffer;
    for (bool open = true; open;) {
        text_request asked;
        co_await http::async_read(visitor, buffer, asked, use_awaitable);
        text_response answer = co_await handle(apps, base, std::move(asked));
        co_await http::async_write(visitor, answer, use_awaitable);
        open = answer.keep_alive();
    }
}

asio::awaitable<void> visit(tcp::endpoint door) {
    tcp::socket socket(co_await asio::this_coro::executor);
    co_await socket.async_connect(door, use_awaitable);
    boost::beast::flat_buffer buffer;
    for (const std::string target : {"/api/hello", "/api/status/418", "/api/bytes/26"}) {
        text_request question(http::verb::get, target, 11);
        question.set(http::field::host, "localhost");
        question.keep_alive(target != "/api/bytes/26");  // the last one ends the server
        co_await http::async_write(socket, question, use_awaitable);
        text_response answer;
        co_await http::async_read(socket, buffer, answer, use_awaitable);
        std::cout << target << " -> " << answer.result_int() << ' ' << answer.body() << '\n';
        if (answer.result() == http::status::bad_gateway) throw std::runtime_error(answer.body());
    }
}

int main(int argc, char** argv) try {
    const place at(argc, argv);
    asio::io_context io(1);
    dbxapps::client apps(io.get_executor(), make_token_cache(io.get_executor(), at.login(), at.token_options()),
                         at.client_options());
    tcp::acceptor door(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    const auto rethrow = [](std::exception_ptr e) {
        if (e) std::rethrow_exception(e);
    };
    asio::co_spawn(io, serve(door, apps, at.app("orders")), rethrow);
    asio::co_spawn(io, visit(door.local_endpoint()), rethrow);
    io.run();  // returns when both are done: an idle client holds no work
} catch (const std::exception& e) {
    std::cerr << e.what() << '\n';
    return 1;
}
