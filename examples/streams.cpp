// A large body goes up from a coroutine and comes back down piece by piece: neither is ever whole in memory.
#include "where.hpp"

#include <dbxapps/dbxapps.hpp>

#include <algorithm>
#include <exception>
#include <iostream>
#include <string>

namespace asio = boost::asio;

constexpr int pieces = 64;
constexpr std::size_t piece_size = 64 * 1024;

// What is sent: asked for the next piece as soon as the connection takes one; an empty piece is the end.
auto counted_pieces() {
    return [left = pieces]() mutable -> asio::awaitable<dbxapps::result<std::string>> {
        co_return left-- > 0 ? std::string(piece_size, 'x') : std::string();
    };
}

asio::awaitable<int> up_and_down(place at) {
    auto ex = co_await asio::this_coro::executor;
    dbxapps::client client(ex, make_token_cache(ex, at.login(), at.token_options()), at.client_options());
    auto upload = dbxapps::request("POST", at.app("orders") + "/api/echo")
                      .body(dbxapps::generated_body(counted_pieces()), "application/octet-stream");
    auto stream = co_await client.open(std::move(upload));
    if (!stream) throw dbxapps::error(stream.error());
    std::size_t received = 0, largest = 0;
    for (;;) {
        const auto piece = co_await stream->read_some();
        if (!piece) throw dbxapps::error(piece.error());  // it broke off: never a success
        if (piece->empty()) break;
        received += piece->size();
        largest = std::max(largest, piece->size());
    }
    std::cout << "status " << stream->status() << ", " << received << " bytes in pieces of at most " << largest << '\n';
    co_return received == pieces* piece_size ? 0 : 1;
}

int main(int argc, char** argv) try {
    return dbxapps::run(up_and_down(place(argc, argv)));
} catch (const std::exception& e) {
    std::cerr << e.what() << '\n';
    return 1;
}
