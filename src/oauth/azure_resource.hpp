// A workspace as a resource of Azure, which tells its host by its resource id (facts: Databricks authentication, 2.8).
// Pure.
#pragma once

#include <oauth/entra.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace dbxapps::oauth {

// "/subscriptions/...", of characters that a URL and a header field may hold.
bool is_resource_id(std::string_view) noexcept;
// Of a Databricks workspace: another resource has no business naming a host.
bool is_workspace_id(std::string_view);
std::string resource_url(const azure_cloud&, std::string_view resource_id);
// The host by the answer to a GET of that URL: https://<host>. errc::token_refused: the bearer may not read it;
// config_error::bad_value: there is no such workspace; errc::token_unavailable: anything else.
result<std::string> read_workspace_host(std::string_view url, int status, std::string_view body,
                                        std::optional<duration> retry_after = std::nullopt);

}  // namespace dbxapps::oauth
