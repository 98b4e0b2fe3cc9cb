// One shared token, kept fresh: at most one fetch in flight, ever, and the old token is served while it refreshes.
//
// Thread-safe; share it between clients, threads and io_contexts. It fetches on its own executor over connections of
// its own. A fetch belongs to the cache, not to the call that caused it: cancelling that call does not cancel it. When
// the executor's context is destroyed, or the cache is closed or destroyed, everybody who waits gets errc::closed.
#pragma once

#include <dbxapps/error.hpp>
#include <dbxapps/network_options.hpp>
#include <dbxapps/token.hpp>
#include <dbxapps/token_source.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <string>

namespace dbxapps {

struct token_options {
    // No token is handed out with less life than this, or than a quarter of its life. 0 to 10 min. Too small: calls are
    // refused when their token expires on the way.
    duration margin = std::chrono::seconds(30);
    // A refresh starts this long before the end, or at half of the token's life, give or take 10 %. 0 to 24 h.
    duration lead = std::chrono::minutes(20);
    // One try of one fetch. 100 ms to 10 min. Too short: a slow endpoint is never waited for.
    duration fetch_within = std::chrono::seconds(15);
    // How long a fetch goes on trying while calls wait for it. 0 to 10 min.
    duration retry_within = std::chrono::seconds(60);
    // For tests of your own: the time by which tokens age. Default: the monotonic clock. Called from any thread.
    std::function<time_point()> clock;
    // How the cache's own fetches reach the workspace.
    network_options network;
};

// What a cache has done so far.
struct token_counters {
    std::uint64_t fetches = 0;   // tries of the source
    std::uint64_t failures = 0;  // tries that gave no token
    std::uint64_t rejected = 0;  // tokens dropped because a front door refused them
};

class token_cache {
public:
    // Makes no request. Throws dbxapps::error (errc::bad_config) for an option out of its range.
    token_cache(boost::asio::any_io_executor, std::unique_ptr<token_source>, token_options = token_options());
    ~token_cache();
    token_cache(const token_cache&) = delete;
    token_cache& operator=(const token_cache&) = delete;

    // A token with enough life, fetched if need be. Ends by `deadline`. Errors: timed_out, cancelled (terminal
    // cancellation of the caller), closed, or those of the source.
    boost::asio::awaitable<result<token_ptr>> get(time_point deadline);
    // The hot path: no coroutine; null when a wait is needed. `now` is by the cache's clock. Starts a due refresh.
    token_ptr try_get(time_point now) noexcept;
    // The front door refused it: dropped if it still is the current one, at most once in 30 s, and not if there is no
    // other.
    void reject(const token&) noexcept;
    bool refreshing() const noexcept;  // a fetch is in flight
    time_point now() const;
    token_counters counters() const noexcept;
    void close() noexcept;

    class impl;  // private to the library

private:
    friend class client;
    std::shared_ptr<impl> impl_;
};

// A cache for a client: std::make_shared with the arguments in the usual order.
std::shared_ptr<token_cache> make_token_cache(boost::asio::any_io_executor, std::unique_ptr<token_source>,
                                              token_options = token_options());

}  // namespace dbxapps
