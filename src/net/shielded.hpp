// Runs a coroutine so that cancellation ends its waits but throws nothing: errors stay values inside.
//
// The switch belongs to the user's whole coroutine stack, so it is put back on every path.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include <exception>
#include <optional>
#include <utility>

namespace dbxapps::net {

template <class T>
boost::asio::awaitable<T> shielded(boost::asio::awaitable<T> inner) {
    const bool before = co_await boost::asio::this_coro::throw_if_cancelled();
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    std::optional<T> out;
    std::exception_ptr thrown;
    try {
        out.emplace(co_await std::move(inner));
    } catch (...) {
        thrown = std::current_exception();
    }
    co_await boost::asio::this_coro::throw_if_cancelled(before);
    if (thrown) std::rethrow_exception(thrown);
    co_return std::move(*out);
}

}  // namespace dbxapps::net
