// Runs one coroutine to its end on an io_context of its own: for main(), and for scripts of five lines.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

namespace dbxapps {

// Returns what the coroutine returns (a default-constructible T, as co_spawn wants it) and throws what it throws;
// whatever it left running is dropped. May be called from several threads at once: each call has its own io_context.
// Throws std::logic_error when the coroutine waits for something that nothing on its io_context can bring.
template <class T>
T run(boost::asio::awaitable<T> main) {
    boost::asio::io_context io(1);
    bool done = false;
    std::exception_ptr failed;
    std::optional<T> answer;
    boost::asio::co_spawn(io, std::move(main), [&](std::exception_ptr e, T value) {
        done = true;
        failed = e;
        if (!e) answer.emplace(std::move(value));
    });
    while (!done && io.run_one() != 0) {
    }
    if (failed) std::rethrow_exception(failed);
    if (!done) throw std::logic_error("dbxapps::run: the coroutine waits for nothing that will come");
    return std::move(*answer);
}

inline void run(boost::asio::awaitable<void> main) {
    boost::asio::io_context io(1);
    bool done = false;
    std::exception_ptr failed;
    boost::asio::co_spawn(io, std::move(main), [&](std::exception_ptr e) {
        done = true;
        failed = e;
    });
    while (!done && io.run_one() != 0) {
    }
    if (failed) std::rethrow_exception(failed);
    if (!done) throw std::logic_error("dbxapps::run: the coroutine waits for nothing that will come");
}

}  // namespace dbxapps
