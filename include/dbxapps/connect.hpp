// From nothing but the environment and files to a client, in one line:
//
//     dbxapps::client apps = co_await dbxapps::connect();
#pragma once

#include <dbxapps/client.hpp>
#include <dbxapps/profile.hpp>
#include <dbxapps/unified_login.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>

namespace dbxapps {

// A client on the executor of the coroutine that awaits it, logged in as unified_login() says. Makes no request. The
// token is fetched over the network that the options describe. With a cache, which clients of several io_contexts may
// share, the profile is not looked at. DBXAPPS_CA_FILE names further roots to trust (PEM), unless the options do.
// Throws dbxapps::error (errc::bad_config) as unified_login() and the client do.
boost::asio::awaitable<client> connect(profile = profile(), std::shared_ptr<token_cache> = nullptr);
boost::asio::awaitable<client> connect(profile, std::shared_ptr<token_cache>, client_options);

}  // namespace dbxapps
