// Carries out oauth::discovery: asks over the transport until it is known where tokens come from.
#pragma once

#include <oauth/discovery.hpp>

#include <dbxapps/transport.hpp>

#include <string>

namespace dbxapps::login {

struct endpoints {
    std::string token;
    std::string authorize;  // where a person logs in; may be empty
    std::string audience;   // for whom an ID token has to be made out that is exchanged there
    bool guessed = false;   // without a document's word: good for one try, not to be kept
};

// Errors: closed and cancelled as the transport has them, or what discovery makes of its answers.
boost::asio::awaitable<result<endpoints>> find_endpoints(transport&, oauth::issuer, time_point deadline);

}  // namespace dbxapps::login
