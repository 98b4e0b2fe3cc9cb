// The token that a local service hands to programs (facts: Databricks authentication, 2.6): an editor that is logged
// in. Pure. Its URL is a secret: who knows it gets a token, so only its origin is in error texts.
#pragma once

#include <oauth/http_request.hpp>

#include <dbxapps/error.hpp>
#include <dbxapps/token.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace dbxapps::oauth {

http_request metadata_token_request(std::string_view url, std::string_view normal_host);

// `origin` is that of the service, for error texts. `wall_now`: what the token's end, a time of day, is compared with.
// errc::token_refused (config_error::credential_source): there is none to be had. errc::token_unavailable: anything
// else, and a token that is over.
result<token> read_metadata_token(std::string_view origin, int status, std::string_view body,
                                  std::optional<duration> retry_after, std::chrono::system_clock::time_point wall_now);

}  // namespace dbxapps::oauth
