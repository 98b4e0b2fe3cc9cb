// An ID token for an access token (RFC 8693 section 2; facts: Databricks authentication, 2.7). Pure.
#pragma once

#include <oauth/http_request.hpp>

#include <dbxapps/error.hpp>
#include <dbxapps/token.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dbxapps::oauth {

// Without client authentication: who the client is, the ID token says. No client id: it does for the whole account.
http_request token_exchange_request(std::string_view endpoint, std::string_view id_token, std::string_view client_id,
                                    const std::vector<std::string>& scopes);

// As read_token_answer(). A server may repeat the ID token: neither it nor a longer part of it is in the failure's
// text.
result<token> read_token_exchange_answer(std::string_view endpoint, int status, std::string_view body,
                                         std::optional<duration> retry_after, std::string_view id_token);

}  // namespace dbxapps::oauth
