#include <dbxapps/connect.hpp>

#include <login/surroundings.hpp>

#include <boost/asio/this_coro.hpp>

#include <utility>

namespace dbxapps {

// No coroutine, and no default argument: g++ 12 destroys such a temporary of an awaited call twice.
boost::asio::awaitable<client> connect(profile own, std::shared_ptr<token_cache> tokens) {
    return connect(std::move(own), std::move(tokens), client_options());
}

boost::asio::awaitable<client> connect(profile own, std::shared_ptr<token_cache> tokens, client_options options) {
    const auto ex = co_await boost::asio::this_coro::executor;
    login::add_roots_of_environment(options.network.tls);
    if (!tokens) {
        token_options fetching;
        fetching.network = options.network;
        auto source = unified_login(std::move(own));
        tokens = make_token_cache(ex, std::move(source), std::move(fetching));
    }
    co_return client(ex, std::move(tokens), std::move(options));
}

}  // namespace dbxapps
