// The two grants of a person's login, by a public client without a secret (RFC 6749 sections 4.1.3 and 6): what goes to
// the token endpoint, and what its answer means for the refresh token. Pure.
#pragma once

#include <oauth/token_endpoint.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dbxapps::oauth {

http_request code_request(std::string_view endpoint, std::string_view client_id, std::string_view code,
                          std::string_view redirect_uri, std::string_view verifier);
http_request refresh_request(std::string_view endpoint, std::string_view client_id, std::string_view refresh_token);

struct grant {
    token access;
    std::string refresh_token;  // a new one, or the old one when none came with the answer
};

// As read_token_answer().
result<grant> read_grant_answer(std::string_view endpoint, int status, std::string_view body,
                                std::string_view old_refresh_token, std::optional<duration> retry_after,
                                const std::vector<std::string>& hide);

// What became of the refresh token that was sent.
enum class refresh_verdict {
    dead,      // the endpoint says that it is not, or no longer, good: nothing but a login helps
    kept,      // it was not used
    in_doubt,  // it may have been used, and what replaced it got lost
};
refresh_verdict judge_refresh(int status, std::string_view body);  // of an answer that gave no token
refresh_verdict judge_refresh(const failure&);                     // without an answer

}  // namespace dbxapps::oauth
