// What goes to a token endpoint and what its answer means (RFC 6749 sections 4.4 and 5; facts: authentication, 2.3).
#pragma once

#include <oauth/http_request.hpp>

#include <dbxapps/error.hpp>
#include <dbxapps/token.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dbxapps::oauth {

// Client authentication by HTTP Basic with both parts form-encoded first (section 2.3.1).
http_request client_credentials_request(std::string_view endpoint, std::string_view client_id,
                                        std::string_view client_secret, const std::vector<std::string>& scopes);

// Trimmed, without empties, sorted by bytes, each once; nothing given: all-apis.
std::string normal_scopes(const std::vector<std::string>&);

// What may stand behind "Bearer " (RFC 6750 section 2.1), roughly: nothing can hide in it.
bool is_token_text(std::string_view) noexcept;

// The endpoint's answer. errc::token_refused: it said no for good. errc::token_unavailable: anything else.
// A missing or zero expires_in means that the token does not expire, as in the Go SDK. A server may repeat what it was
// sent: no word of `hide` is in the failure's. `advice` is what a person can do about a no, if it is not the usual.
result<token> read_token_answer(std::string_view endpoint, int status, std::string_view body,
                                std::optional<duration> retry_after = std::nullopt,
                                const std::vector<std::string>& hide = {}, std::string_view advice = {});

}  // namespace dbxapps::oauth
