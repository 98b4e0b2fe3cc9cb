// Fan-out: one question to many apps at once, one shared token, answers in the order in which they come.
#include "where.hpp"

#include <dbxapps/dbxapps.hpp>

#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/channel.hpp>

#include <array>
#include <exception>
#include <iostream>
#include <string>

namespace asio = boost::asio;

struct outcome {
    std::string app;
    dbxapps::result<dbxapps::response> answer;
};
using outcomes = asio::experimental::channel<void(boost::system::error_code, outcome)>;

// try_send: one app that is down is a value here, not the end of the whole.
asio::awaitable<void> ask(dbxapps::client client, std::string app, std::string url, outcomes& to) {
    outcome mine;
    mine.app = std::move(app);
    mine.answer = co_await client.try_send(dbxapps::get(std::move(url)));
    to.try_send(boost::system::error_code(), std::move(mine));  // there is room for all
}

asio::awaitable<int> fan_out(place at) {
    auto ex = co_await asio::this_coro::executor;
    dbxapps::client client(ex, make_token_cache(ex, at.login(), at.token_options()), at.client_options());
    constexpr std::array apps = {"billing", "forecast", "inventory", "orders", "pricing", "returns"};
    outcomes arrived(ex, apps.size());
    for (const std::string app : apps) {
        asio::co_spawn(ex, ask(client, app, at.app(app) + "/api/hello", arrived), asio::detached);
    }
    int failed = 0;
    for (std::size_t n = 0; n < apps.size(); ++n) {
        const outcome next = co_await arrived.async_receive(asio::use_awaitable);
        if (next.answer) {
            std::cout << next.app << ": " << next.answer->status() << ' ' << next.answer->body() << '\n';
        } else {
            ++failed;
            std::cerr << next.app << ": " << next.answer.error().detail << '\n';
        }
    }
    std::cout << apps.size() << " apps, " << client.tokens()->counters().fetches << " token request(s)\n";
    co_return failed == 0 ? 0 : 1;
}

int main(int argc, char** argv) try {
    return dbxapps::run(fan_out(place(argc, argv)));
} catch (const std::exception& e) {
    std::cerr << e.what() << '\n';
    return 1;
}
