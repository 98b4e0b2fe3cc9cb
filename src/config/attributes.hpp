// The settings of unified authentication (facts: Databricks authentication, 1.1), one row each, in the order in which
// error texts list them. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dbxapps::config {

// Named by their keys in a profile.
enum class attribute : std::uint8_t {
    host,
    cluster_id,
    warehouse_id,
    serverless_compute_id,
    metadata_service_url,
    account_id,
    workspace_id,
    token,
    username,
    password,
    profile,
    config_file,
    oauth_callback_port,
    google_service_account,
    google_credentials,
    azure_workspace_resource_id,
    azure_use_msi,
    azure_client_secret,
    azure_client_id,
    azure_tenant_id,
    actions_id_token_request_url,
    actions_id_token_request_token,
    azure_environment,
    azure_login_app_id,
    client_id,
    client_secret,
    scopes,
    disable_oauth_refresh_token,
    databricks_cli_path,
    auth_type,
    oidc_token_filepath,
    oidc_token_env,
    skip_verify,
    http_timeout_seconds,
    debug_truncate_bytes,
    debug_headers,
    rate_limit,
    retry_timeout_seconds,
    cloud,
    audience,
    discovery_url,
    disable_async_token_refresh,
};
constexpr std::size_t attribute_count = static_cast<std::size_t>(attribute::disable_async_token_refresh) + 1;

enum class value_type : std::uint8_t {
    text,
    url,     // text of which error texts show no query, and nothing if a password may be in it
    flag,    // 1 t T TRUE true True, 0 f F FALSE false False
    number,  // decimal, signed
    list,    // separated by commas or blanks: no item holds either
};
enum class display : std::uint8_t {
    open,    // error texts show the value
    secret,  // error texts show ***
    never,   // error texts leave it out
};

struct attribute_row {
    attribute id;
    std::string_view key;       // in a profile; empty: not there
    std::string_view variable;  // of the environment; empty: none
    value_type type = value_type::text;
    display shown = display::open;
    std::string_view group{};  // the method of authentication that it belongs to; settings of two groups conflict
    std::string_view other_key{}, other_variable{};  // what other SDKs call it; the first name wins
};

const std::array<attribute_row, attribute_count>& attributes() noexcept;  // by attribute
const attribute_row& row_of(attribute) noexcept;
const attribute_row* find_attribute(std::string_view key) noexcept;  // null: no such key

// The one way to write a value; empty if it is the type's zero, which counts as unset. nullopt: not of the type.
std::optional<std::string> normal_value(value_type, std::string_view given);
std::string_view wanted(value_type) noexcept;  // "true or false"
std::vector<std::string> items_of(std::string_view list);

}  // namespace dbxapps::config
