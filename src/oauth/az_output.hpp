// What the Azure CLI is asked, and what it says (facts: Databricks authentication, 2.10). Pure.
#pragma once

#include <dbxapps/error.hpp>
#include <dbxapps/token.hpp>
#include <oauth/expiry.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dbxapps::oauth {

enum class az_user { person, service_principal, managed_identity };

std::vector<std::string> az_account_arguments();
az_user read_az_account(std::string_view json);  // a person, if it does not tell

// The arguments of each command to try until one succeeds. `tenant` and `workspace_resource_id` may be empty: a managed
// identity has a tenant already, and the subscription stands in for a tenant that is not known.
std::vector<std::vector<std::string>> az_token_arguments(const std::string& resource, az_user,
                                                         const std::string& tenant,
                                                         std::string_view workspace_resource_id);

// `now`: seconds since 1970; `local`: where the times that it tells are. Failures: config_error::parse, or
// errc::token_unavailable if it has expired.
result<token> read_az_token(std::string_view json, std::int64_t now, const zone& local);

// Why there is no token. Failures: config_error::no_credentials (it has no subscription), login_required, or
// errc::token_unavailable. No secret in `err` is repeated.
failure az_failure(std::string_view ended, std::string_view err);

}  // namespace dbxapps::oauth
