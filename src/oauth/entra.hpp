// Microsoft Entra ID as Azure Databricks uses it: its clouds, the ids of what tokens are for, tenants, and the v1 token
// endpoint (facts: Databricks authentication, 1.7, 1.10, 2.8 to 2.11). Pure.
#pragma once

#include <oauth/token_endpoint.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dbxapps::oauth {

// URLs with a '/' at their end.
struct azure_cloud {
    std::string_view service_management;  // what a management token is for
    std::string_view resource_manager;
    std::string_view directory;
};
// By ARM_ENVIRONMENT, letter case apart, also as AzurePublicCloud and the like; empty: the public one.
// config_error::bad_value for any other.
result<azure_cloud> azure_cloud_of(std::string_view environment);

// The resource that a token for this workspace is for. Of a host that is none of Azure's: that of most workspaces.
std::string_view login_app_id(std::string_view normal_host);

// What {host}/aad/auth says of the tenant, by its Location. config_error::no_credentials: nothing that can be used;
// errc::token_unavailable: it may another time.
result<std::string> read_tenant(std::string_view normal_host, int status, std::optional<std::string_view> location);
// Letters, digits, '-', '_' and '.': it becomes a part of a URL.
bool is_tenant(std::string_view) noexcept;

std::string entra_token_endpoint(const azure_cloud&, std::string_view tenant);
// Client credentials, proven in the body by the secret or by an assertion of somebody that the application trusts.
http_request entra_secret_request(std::string_view endpoint, std::string_view resource, std::string_view client_id,
                                  std::string_view client_secret);
http_request entra_assertion_request(std::string_view endpoint, std::string_view resource, std::string_view client_id,
                                     std::string_view assertion);
// As read_token_answer(), but the time may also be told as expires_on (seconds since 1970), and is never unsaid. `now`
// is by the same clock. Used for the answers of the instance metadata service too.
result<token> read_entra_answer(std::string_view endpoint, int status, std::string_view body, std::int64_t now,
                                std::optional<duration> retry_after = std::nullopt,
                                const std::vector<std::string>& hide = {});
// Azure Databricks refuses a token in its last 30 s: what is left of a life for use, never negative.
std::optional<duration> azure_life(std::optional<duration>) noexcept;

}  // namespace dbxapps::oauth
