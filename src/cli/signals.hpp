// What a program owes to the terminal that it was started in.
#pragma once

#include <dbxapps/run.hpp>

#include <boost/asio/signal_set.hpp>
#include <boost/asio/this_coro.hpp>

#include <csignal>
#include <utility>

namespace dbxapps::cli {

struct interrupted {
    int signal;
};

template <class T>
boost::asio::awaitable<T> with_signals(boost::asio::awaitable<T> work) {
    boost::asio::signal_set signals(co_await boost::asio::this_coro::executor, SIGINT, SIGTERM, SIGHUP);
    signals.async_wait([](boost::system::error_code ec, int signal) {
        if (!ec) throw interrupted{signal};
    });
    co_return co_await std::move(work);
}

// As run(), but Ctrl-C and its like end it: the coroutine is destroyed, and with it every program that it has started.
// Then `interrupted` is thrown.
template <class T>
T run_interruptibly(boost::asio::awaitable<T> work) {
    return run(with_signals(std::move(work)));
}

// Ends this program by that signal, as if nobody had waited for it: its parent is told so.
void die_by(int signal);
// Standard input, output and error that were closed lead to /dev/null, so that no other file takes their place.
void open_standard_descriptors();

}  // namespace dbxapps::cli
