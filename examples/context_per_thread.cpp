// One io_context per thread: a client each, so that no connection is shared, and one token cache for all of them.
//
// The cache fetches on a context of its own: none of the threads has to be alive for it.
#include "where.hpp"

#include <dbxapps/dbxapps.hpp>

#include <boost/asio/thread_pool.hpp>

#include <array>
#include <exception>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

constexpr int calls_each = 500;

boost::asio::awaitable<void> calls(dbxapps::client client, std::string url) {
    for (int n = 0; n < calls_each; ++n)
        co_await client.send(dbxapps::get(url));
}

struct worker {
    std::thread thread;
    std::exception_ptr failed;
    dbxapps::client_counters counters;
};

void work(worker& mine, const place& at, std::shared_ptr<dbxapps::token_cache> tokens) try {
    boost::asio::io_context io(1);
    const dbxapps::client client(io.get_executor(), std::move(tokens), at.client_options());
    boost::asio::co_spawn(io, calls(client, at.app("orders") + "/api/hello"),
                          [&mine](std::exception_ptr e) { mine.failed = e; });
    io.run();
    mine.counters = client.counters();
} catch (...) {
    mine.failed = std::current_exception();
}

int main(int argc, char** argv) try {
    const place at(argc, argv);
    boost::asio::thread_pool login(1);
    const auto tokens = make_token_cache(login.get_executor(), at.login(), at.token_options());
    std::array<worker, 3> workers;
    for (worker& each : workers)
        each.thread = std::thread([&] { work(each, at, tokens); });
    for (worker& each : workers)
        each.thread.join();
    for (const worker& each : workers) {
        if (each.failed) std::rethrow_exception(each.failed);
        std::cout << each.counters.calls << " calls over " << each.counters.connections << " connection\n";
    }
    std::cout << tokens->counters().fetches << " token request(s) for all\n";
} catch (const std::exception& e) {
    std::cerr << e.what() << '\n';
    return 1;
}
