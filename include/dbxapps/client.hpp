// Calls apps with one shared token over pooled connections.
//
// A cheap handle: copies share one core. Thread-safe. It belongs to one io_context, run by any number of threads, and
// calls may be awaited from coroutines of any context. The last copy drops the idle connections; calls in flight keep
// the core alive and finish. With no call in flight there is no outstanding work, so io_context::run() returns, unless
// a connection is being opened or the cache fetches a token. Not for the child of a fork(). Cancellation: terminal, at
// every wait, ends as errc::cancelled; emit it on the executor that the call runs on.
#pragma once

#include <dbxapps/body_source.hpp>
#include <dbxapps/client_options.hpp>
#include <dbxapps/counters.hpp>
#include <dbxapps/error.hpp>
#include <dbxapps/metrics.hpp>
#include <dbxapps/request.hpp>
#include <dbxapps/response.hpp>
#include <dbxapps/response_stream.hpp>
#include <dbxapps/token_cache.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>
#include <vector>

namespace dbxapps {

class client {
public:
    client() noexcept;  // empty: its calls end as errc::closed
    // Makes no request. Throws dbxapps::error (errc::bad_config) for an option out of its range or CA text that is not
    // PEM.
    client(boost::asio::any_io_executor, std::shared_ptr<token_cache>, client_options = client_options());

    // Every answer of the app is a response, whatever its status; transport faults and the front door's own answers
    // are errors. send throws dbxapps::error.
    boost::asio::awaitable<response> send(request) const;
    boost::asio::awaitable<result<response>> try_send(request) const;

    // Done when the answer's head is there; its body is read from the stream. Errors, retries and replays as above, as
    // far as the head shows that they are needed.
    boost::asio::awaitable<result<response_stream>> open(request) const;

    std::shared_ptr<token_cache> tokens() const noexcept;
    client_counters counters() const noexcept;
    // What happened to the calls of each origin since its first; as text: open_metrics(). Costs some KiB and
    // microseconds for each.
    std::vector<origin_metrics> metrics() const;
    // Ends every call in flight as errc::closed, drops connections and dials, waits for nothing. Does not close the
    // cache.
    void close() noexcept;

    class impl;  // private to the library

private:
    friend class app_directory;
    struct handle;
    std::shared_ptr<handle> handle_;
};

}  // namespace dbxapps
