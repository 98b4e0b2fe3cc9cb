// What happens during calls, as lines of a log while it happens and as metrics for Prometheus afterwards.
#include "where.hpp"

#include <dbxapps/dbxapps.hpp>

#include <exception>
#include <iostream>

namespace asio = boost::asio;

asio::awaitable<int> observed_calls(place at) {
    auto ex = co_await asio::this_coro::executor;
    auto options = at.client_options();
    // A line has the method, the host and the path, and no room for a query, a header or a token.
    options.on_attempt = [](const dbxapps::attempt_event& e) { std::cerr << dbxapps::log_line(e) + '\n'; };
    options.traceparent = true;
    dbxapps::client client(ex, make_token_cache(ex, at.login(), at.token_options()), options);
    for (int i = 0; i < 3; ++i)
        co_await client.send(dbxapps::get(at.app("orders") + "/api/hello"));
    const auto metrics = client.metrics();
    std::cout << dbxapps::open_metrics(metrics);
    co_return metrics.size() == 1 && metrics[0].calls == 3 ? 0 : 1;
}

int main(int argc, char** argv) try {
    return dbxapps::run(observed_calls(place(argc, argv)));
} catch (const std::exception& e) {
    std::cerr << e.what() << '\n';
    return 1;
}
