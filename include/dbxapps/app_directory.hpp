// The apps of one workspace by their names: where they are, what state they are in, and calls to them by name.
//
// A cheap handle: copies share one core, and one client. Thread-safe; calls may be awaited from coroutines of any
// context. A look-up for a call belongs to the directory and runs on the client's io_context: cancelling the call does
// not cancel it, and until it ends (look_up_within at most) it is outstanding work. Cancellation: terminal, at every
// wait, ends as errc::cancelled; client::close() ends all as errc::closed.
#pragma once

#include <dbxapps/app_info.hpp>
#include <dbxapps/client.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace dbxapps {

struct app_directory_options {
    // How long a looked-up URL is believed. 0 to 24 h; 0: each call asks the workspace (concurrent calls still share
    // one look-up). Long: calls to an app that has moved fail until its old name is gone from DNS.
    duration urls_live = std::chrono::minutes(10);
    // One look-up, whatever the number of the calls that wait for it. 100 ms to 10 min. Too short: a slow workspace is
    // never waited for.
    duration look_up_within = std::chrono::seconds(30);
};

class app_directory {
public:
    // Told of each change of state while something waits for an app, and of the first state seen; on the waiting
    // coroutine. What it throws ends the wait. May be empty. One that owns what it captures has to be named before it
    // is passed inside a co_await expression: g++ 12 destroys such temporaries twice.
    using progress = std::function<void(const app_info&)>;

    // `workspace_host`: with or without https://; the client's token goes there, see client_options::allow_hosts for
    // one that is not of that workspace's login. Makes no request. Throws dbxapps::error (errc::bad_config) for a
    // malformed host, an option out of its range, or an empty client.
    app_directory(client, std::string workspace_host, app_directory_options = app_directory_options());

    // One app, asked anew. Names are lower-case letters, digits and '-', else errc::bad_request. Errors, here and
    // below: those of client::try_send, app_not_found, no_permission, ip_blocked, rate_limited, app_unavailable (the
    // workspace says that it cannot, now), bad_response; all with the workspace's own words.
    boost::asio::awaitable<result<app_info>> find(std::string name) const;
    // All that the token's owner may see. errc::bad_response when their number seems to have no end.
    boost::asio::awaitable<result<std::vector<app_info>>> list() const;

    // The request's URL is a path, "/api/hello": it goes to the app of that name. Its within() holds for the look-up,
    // too. When the app's host has no address any more, the name is looked up again, once, and the request sent again.
    // send throws dbxapps::error.
    boost::asio::awaitable<result<response>> try_send(std::string name, request) const;
    boost::asio::awaitable<response> send(std::string name, request) const;

    // Until the app serves; what cannot serve without help ends it as errc::app_unavailable: the states ERROR, CRASHED
    // and DELETING. errc::timed_out has the last state in its words. `within`: more than 0. The workspace is asked
    // every second at first, every ten later on.
    boost::asio::awaitable<result<app_info>> wait_until_serving(std::string name, duration within,
                                                                progress = progress()) const;
    // Starts the app, with its last deployment (up to 10 min, says Databricks), or stops it, and waits until that is
    // done. It is no error when it was done already, or is being done.
    boost::asio::awaitable<result<app_info>> start(std::string name, duration within, progress = progress()) const;
    boost::asio::awaitable<result<app_info>> stop(std::string name, duration within, progress = progress()) const;

    class impl;  // private to the library

private:
    std::shared_ptr<impl> impl_;
};

}  // namespace dbxapps
