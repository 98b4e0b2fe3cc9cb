// One request for a token of Google, and what came of it; and the same with an assertion that is signed for it.
#pragma once

#include <dbxapps/transport.hpp>
#include <login/wall_clock.hpp>
#include <oauth/google_requests.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace dbxapps::login {

// `secrets` is what the answer's words may repeat and a failure must not.
boost::asio::awaitable<result<std::string>> ask_google(transport&, oauth::google_request,
                                                       std::vector<std::string> secrets, wall_clock,
                                                       time_point deadline);

enum class by_assertion { id_token, access_token };
// `value`: for whom the ID token is to be made out, or the scopes of the access token.
boost::asio::awaitable<result<std::string>> ask_as_service_account(transport&, oauth::google_service_account,
                                                                   by_assertion, std::string value, wall_clock,
                                                                   time_point deadline);

// The time for what is best effort: it does not hold up what is there.
time_point soon(time_point deadline);

// What an ID token carries besides, if there is any: `access_token` may be a failure, since it is best effort. Only
// errc::closed and cancelled are failures of the whole.
result<token> presented(std::string id_token, result<std::string> access_token, std::int64_t now);

}  // namespace dbxapps::login
