// The ways in: each makes a token_source for a token_cache.
#pragma once

#include <dbxapps/token_source.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dbxapps {

// OAuth 2.0 client credentials of a service principal (RFC 6749 section 4.4), "M2M".
struct client_credentials_options {
    std::string host;  // the workspace (or accounts console), with or without https://
    std::string client_id;
    std::string client_secret;
    std::vector<std::string> scopes;  // default: all-apis
    std::string account_id;           // needed for an accounts console or a unified host, unless its metadata names it
    std::string discovery_url;        // the whole URL of the OAuth metadata document; default: found by the host
};

// Makes no request. Throws dbxapps::error (errc::bad_config) when something needed is missing or malformed.
std::unique_ptr<token_source> client_credentials(client_credentials_options);
std::unique_ptr<token_source> client_credentials(std::string host, std::string client_id, std::string client_secret);

// A token from elsewhere, presented as it is. When the front door refuses it, calls end as errc::not_signed_in.
std::unique_ptr<token_source> fixed_token(std::string access_token);

// The token of the user for whom this program works, as an app gets it with each request in the header field
// X-Forwarded-Access-Token (facts: Databricks Apps): for request::as(). It ends with its own time.
std::unique_ptr<token_source> forwarded_user_token(std::string_view field_value);

// For the API of the workspace only: Databricks Apps refuse both, so a call to an app ends as errc::not_signed_in
// before anything is sent. An OAuth token (a JWT) in the place of a personal access token is taken for what it is.
std::unique_ptr<token_source> personal_access_token(std::string host, std::string token);
std::unique_ptr<token_source> basic_login(std::string host, std::string username, std::string password);

}  // namespace dbxapps
