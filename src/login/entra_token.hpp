// One request for a token of Microsoft Entra ID, of whatever form, and what came of it.
#pragma once

#include <dbxapps/token.hpp>
#include <dbxapps/transport.hpp>
#include <login/wall_clock.hpp>
#include <oauth/http_request.hpp>

#include <string>
#include <vector>

namespace dbxapps::login {

// `hide` is what the answer's words may repeat and a failure must not: see oauth::read_token_answer().
boost::asio::awaitable<result<token>> ask_entra(transport&, transport_request, std::vector<std::string> hide,
                                                wall_clock, time_point deadline);
transport_request to_send(oauth::http_request);  // by any method

}  // namespace dbxapps::login
