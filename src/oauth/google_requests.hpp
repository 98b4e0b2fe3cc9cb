// Tokens of Google: what is asked for them, and what the answers mean (facts: Databricks authentication, 2.12; RFC 7523
// section 2.1). Pure. No failure holds anything of a token.
#pragma once

#include <dbxapps/token.hpp>
#include <oauth/google_keys.hpp>
#include <oauth/http_request.hpp>
#include <optional>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dbxapps::oauth {

// What the token in X-Databricks-GCP-SA-Access-Token is good for.
std::vector<std::string_view> google_workspace_scopes();
constexpr std::string_view google_cloud_scope = "https://www.googleapis.com/auth/cloud-platform";

// What a service account signs to get a token. `claim` says which: target_audience (an ID token) or scope.
std::string assertion_to_sign(const google_service_account&, std::string_view claim, std::string_view value,
                              std::int64_t now);

// A request, and where the token is in the answer.
struct google_request {
    http_request ask;
    std::string_view member;
    std::string_view advice;   // to a person, after a no for good
    bool for_a_login = false;  // a no then means that somebody has to log in
    bool to_machine = false;   // to the metadata service, in the clear
};
google_request id_token_by_assertion(std::string_view token_uri, std::string_view assertion);
google_request access_token_by_assertion(std::string_view token_uri, std::string_view assertion);
google_request access_token_of_user(const google_user&);
google_request access_token_of_machine();  // from the metadata service
// Those of a service account, by an access token of somebody who may act as it.
google_request id_token_of(std::string_view service_account, std::string_view audience, std::string_view access_token,
                           std::string_view quota_project);
google_request access_token_of(std::string_view service_account, std::string_view access_token,
                               std::string_view quota_project);

// The token. errc::token_refused or login_required: it said no for good. errc::token_unavailable: anything else.
// No text of `hide` is in the failure's.
struct google_answer {
    int status = 0;
    std::string_view body;
    std::optional<duration> retry_after;
};
result<std::string> read_google_answer(const google_request&, std::string_view url, const google_answer&,
                                       const std::vector<std::string>& hide);

// An ID token to present, with the life that its claim `exp` leaves it. errc::token_unavailable: it has none.
result<token> presented_id_token(std::string_view id_token, std::int64_t now);

}  // namespace dbxapps::oauth
