// ID tokens (OpenID Connect Core section 2) of those who vouch for a job of theirs: what is asked of them, and what
// their answer means (facts: Databricks authentication, 2.7). Pure. No failure holds anything of a token.
#pragma once

#include <oauth/http_request.hpp>

#include <dbxapps/error.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dbxapps::oauth {

// GitHub Actions: `url` and `request_token` are those that the job got.
http_request github_id_token_request(std::string_view url, std::string_view request_token, std::string_view audience);

// Azure Pipelines: where a job asks, and for a token of which audience it asks is not its choice.
std::string azure_pipelines_url(std::string_view collection_uri, std::string_view project_id,
                                std::string_view host_type, std::string_view plan_id, std::string_view job_id);
http_request azure_pipelines_id_token_request(std::string_view url, std::string_view access_token);

// The answers. errc::token_refused (config_error::credential_source): it said no for good. errc::token_unavailable:
// anything else. No text of `hide` is in the failure's.
struct id_token_answer {
    int status = 0;
    std::string_view body;
    std::optional<duration> retry_after;
};
result<std::string> read_github_id_token(std::string_view url, const id_token_answer&,
                                         const std::vector<std::string>& hide);
result<std::string> read_azure_pipelines_id_token(std::string_view url, const id_token_answer&,
                                                  const std::vector<std::string>& hide);

// One that somebody wrote down: without blanks, line ends and control characters around it. errc::bad_config
// (config_error::no_credentials, parse): nothing is left, or what no token holds. `where` begins the failure's words.
result<std::string> written_id_token(std::string_view text, std::string_view where);

}  // namespace dbxapps::oauth
