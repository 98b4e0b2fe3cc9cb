// Sends a person to the workspace's login and brings back an authorization code: by way of a browser on this machine
// and a port of loopback, or of an address that the person copies.
#pragma once

#include <net/stops.hpp>
#include <oauth/pkce.hpp>

#include <dbxapps/user_login.hpp>

#include <memory>
#include <string>

namespace dbxapps::login {

struct person_answer {
    std::string code;
    std::string redirect_uri;  // that it was asked for with
};

// `scope` as it is sent. errc::login_required: the answer is no, or none came by `until`; connect_failed: no port is
// free; cancelled; closed, by `ends`, which does not end options.ask(); what that fails with.
boost::asio::awaitable<result<person_answer>> ask_person(const user_login_options&, std::string authorize_url,
                                                         std::string scope, std::shared_ptr<const oauth::login_attempt>,
                                                         time_point until, std::shared_ptr<net::stops> ends);

}  // namespace dbxapps::login
