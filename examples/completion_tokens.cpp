// Callbacks, futures and deferred operations: co_spawn turns an awaitable call into whatever your code waits with.
#include "where.hpp"

#include <dbxapps/dbxapps.hpp>

#include <boost/asio/deferred.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/use_future.hpp>

#include <exception>
#include <future>
#include <iostream>
#include <thread>

namespace asio = boost::asio;

void by_callback(asio::io_context& io, const dbxapps::client& client, const std::string& url) {
    std::promise<void> done;
    asio::co_spawn(io, client.try_send(dbxapps::get(url)),
                   [&done](std::exception_ptr e, dbxapps::result<dbxapps::response> answer) {
                       if (e) return done.set_exception(e);
                       if (!answer) return done.set_exception(std::make_exception_ptr(dbxapps::error(answer.error())));
                       std::cout << "callback: " << answer->body() << '\n';
                       done.set_value();
                   });
    done.get_future().get();
}

void by_future(asio::io_context& io, const dbxapps::client& client, const std::string& url) {
    std::future<dbxapps::response> answer = asio::co_spawn(io, client.send(dbxapps::get(url)), asio::use_future);
    std::cout << "future: " << answer.get().body() << '\n';  // throws what send throws
}

// Nothing is sent until the operation is started, here with another token; it can be kept, composed and moved till
// then.
void by_deferred(asio::io_context& io, const dbxapps::client& client, const std::string& url) {
    auto operation = asio::co_spawn(io, client.send(dbxapps::get(url)), asio::deferred);
    std::future<dbxapps::response> answer = std::move(operation)(asio::use_future);
    std::cout << "deferred: " << answer.get().body() << '\n';
}

int main(int argc, char** argv) try {
    const place at(argc, argv);
    asio::io_context io(1);
    const dbxapps::client client(io.get_executor(), make_token_cache(io.get_executor(), at.login(), at.token_options()),
                                 at.client_options());
    const auto work = asio::make_work_guard(io);
    const std::jthread loop([&io] { io.run(); });
    struct stop_at_end {
        asio::io_context& io;
        ~stop_at_end() { io.stop(); }
    } const stop{io};
    by_callback(io, client, at.app("orders") + "/api/hello");
    by_future(io, client, at.app("billing") + "/api/hello");
    by_deferred(io, client, at.app("pricing") + "/api/hello");
} catch (const std::exception& e) {
    std::cerr << e.what() << '\n';
    return 1;
}
