// Runs a coroutine on an io_context to its end, with whatever else is going on there.
#pragma once

#include <dbxapps/error.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

namespace dbxapps::conformance {

template <class T>
T run_on(boost::asio::io_context& io, boost::asio::awaitable<T> work) {
    std::optional<T> out;
    std::exception_ptr thrown;
    boost::asio::co_spawn(io, std::move(work), [&](std::exception_ptr e, T value) {
        thrown = e;
        if (!e) out.emplace(std::move(value));
    });
    const auto until = clock::now() + std::chrono::seconds(60);
    io.restart();
    while (!out && !thrown && clock::now() < until)
        io.run_one_for(std::chrono::seconds(1));
    if (thrown) std::rethrow_exception(thrown);
    if (!out) throw std::runtime_error("the test hangs");
    return std::move(*out);
}

}  // namespace dbxapps::conformance
