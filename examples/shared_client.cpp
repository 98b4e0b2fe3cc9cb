// One io_context on several threads, one client for all of them: both the client and its token cache are thread-safe.
//
// Neither needs a strand. What a call gives you (the response) is yours alone.
#include "where.hpp"

#include <dbxapps/dbxapps.hpp>

#include <atomic>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

constexpr int callers = 20, calls_each = 50;

boost::asio::awaitable<void> caller(dbxapps::client client, std::string url, std::atomic<int>& answered) {
    for (int n = 0; n < calls_each; ++n) {
        const auto answer = co_await client.send(dbxapps::get(url));
        if (!answer.ok()) throw std::runtime_error(url + ": the app answered " + std::to_string(answer.status()));
        ++answered;
    }
}

int main(int argc, char** argv) try {
    const place at(argc, argv);
    boost::asio::io_context io;
    const dbxapps::client client(io.get_executor(), make_token_cache(io.get_executor(), at.login(), at.token_options()),
                                 at.client_options());
    std::atomic<int> answered = 0;
    std::atomic<int> failed = 0;
    for (int n = 0; n < callers; ++n) {
        const std::string url = at.app(n % 2 == 0 ? "orders" : "billing") + "/api/hello";
        boost::asio::co_spawn(io, caller(client, url, answered), [&failed](std::exception_ptr e) {
            try {
                if (e) std::rethrow_exception(e);
            } catch (const std::exception& why) {
                ++failed;
                std::cerr << std::string(why.what()) + '\n';
            }
        });
    }
    {
        std::vector<std::jthread> threads;
        for (int n = 0; n < 4; ++n)
            threads.emplace_back([&io] { io.run(); });
    }  // joined: io.run() returned, because every caller is done and an idle client holds no work
    std::cout << answered << " answers from " << (at.emulator() ? "2 apps" : "1 app") << " over "
              << client.counters().connections << " connections, " << client.tokens()->counters().fetches
              << " token request(s)\n";
    return failed == 0 && answered == callers * calls_each ? 0 : 1;
} catch (const std::exception& e) {
    std::cerr << e.what() << '\n';
    return 1;
}
