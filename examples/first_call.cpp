// The first call: log in as a service principal, call one app, print its answer.
//
//     DATABRICKS_HOST=... DATABRICKS_CLIENT_ID=... DATABRICKS_CLIENT_SECRET=... first_call https://<app>.../
#include "where.hpp"

#include <dbxapps/dbxapps.hpp>

#include <exception>
#include <iostream>

boost::asio::awaitable<void> first_call(place at) {
    auto ex = co_await boost::asio::this_coro::executor;
    dbxapps::client client(ex, make_token_cache(ex, at.login(), at.token_options()), at.client_options());
    const auto answer = co_await client.send(dbxapps::get(at.app("hello") + "/api/hello"));
    std::cout << answer.status() << ' ' << answer.body() << '\n';
}

int main(int argc, char** argv) try {
    dbxapps::run(first_call(place(argc, argv)));
} catch (const std::exception& e) {  // a dbxapps::error says what was tried and what to do about it
    std::cerr << e.what() << '\n';
    return 1;
}
