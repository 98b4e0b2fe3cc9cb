// The one set of servers that all integration tests of a run share, and a client for it.
#pragma once

#include <integration/servers.hpp>
#include <support/workspace.hpp>

namespace dbxapps::integration {

using namespace dbxapps::test;

// Started before the first test; when that fails, so does the run, and no test is tried.
const app_servers& servers();

// A client with a token of its own. What is tested is one attempt, unless `options` say otherwise.
inline client real_client(asio::io_context& io, client_options options = {}, int max_retries = 0) {
    options.network = servers().network(options.network.proxy);
    options.retry.max_retries = max_retries;
    return client(io.get_executor(), make_token_cache(io.get_executor(), fixed_token("a-fixed-token")), options);
}

inline result<response> get_once(std::string_view path, front f = front::usual) {
    asio::io_context io;
    return call(io, real_client(io), get(servers().url(path, f)));
}

// a to z over and over, as the app sends them.
inline std::string letters(std::size_t count) {
    std::string out(count, '\0');
    for (std::size_t i = 0; i < count; ++i)
        out[i] = static_cast<char>('a' + i % 26);
    return out;
}

}  // namespace dbxapps::integration
