#include <config/attributes.hpp>

#include <algorithm>
#include <charconv>

namespace dbxapps::config {
namespace {

using enum attribute;
using enum value_type;
using enum display;

// `shown` is as in the Go SDK, but for actions_id_token_request_token, which is a credential.
constexpr std::array<attribute_row, attribute_count> table{{
    {host, "host", "DATABRICKS_HOST", url},
    {cluster_id, "cluster_id", "DATABRICKS_CLUSTER_ID"},
    {warehouse_id, "warehouse_id", "DATABRICKS_WAREHOUSE_ID"},
    {serverless_compute_id, "serverless_compute_id", "DATABRICKS_SERVERLESS_COMPUTE_ID"},
    {metadata_service_url, "metadata_service_url", "DATABRICKS_METADATA_SERVICE_URL", url, secret, "metadata-service"},
    {account_id, "account_id", "DATABRICKS_ACCOUNT_ID"},
    {workspace_id, "workspace_id", "DATABRICKS_WORKSPACE_ID"},
    {token, "token", "DATABRICKS_TOKEN", text, secret, "pat"},
    {username, "username", "DATABRICKS_USERNAME", text, open, "basic"},
    {password, "password", "DATABRICKS_PASSWORD", text, secret, "basic"},
    {profile, "profile", "DATABRICKS_CONFIG_PROFILE"},
    {config_file, "config_file", "DATABRICKS_CONFIG_FILE"},
    {oauth_callback_port, "", "DATABRICKS_OAUTH_CALLBACK_PORT", number, never},
    {google_service_account, "google_service_account", "DATABRICKS_GOOGLE_SERVICE_ACCOUNT", text, open, "google"},
    {google_credentials, "google_credentials", "GOOGLE_CREDENTIALS", text, secret, "google"},
    {azure_workspace_resource_id, "azure_workspace_resource_id", "DATABRICKS_AZURE_RESOURCE_ID", text, open, "azure"},
    {azure_use_msi, "azure_use_msi", "ARM_USE_MSI", flag, open, "azure"},
    {azure_client_secret, "azure_client_secret", "ARM_CLIENT_SECRET", text, secret, "azure"},
    {azure_client_id, "azure_client_id", "ARM_CLIENT_ID", text, open, "azure"},
    {azure_tenant_id, "azure_tenant_id", "ARM_TENANT_ID", text, open, "azure"},
    {actions_id_token_request_url, "actions_id_token_request_url", "ACTIONS_ID_TOKEN_REQUEST_URL", url},
    {actions_id_token_request_token, "actions_id_token_request_token", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", text, secret},
    {azure_environment, "azure_environment", "ARM_ENVIRONMENT"},
    {azure_login_app_id, "azure_login_app_id", "DATABRICKS_AZURE_LOGIN_APP_ID", text, open, "azure"},
    {client_id, "client_id", "DATABRICKS_CLIENT_ID", text, open, "oauth"},
    {client_secret, "client_secret", "DATABRICKS_CLIENT_SECRET", text, secret, "oauth"},
    {scopes, "scopes", "", list, never},
    {disable_oauth_refresh_token, "disable_oauth_refresh_token", "DATABRICKS_DISABLE_OAUTH_REFRESH_TOKEN", flag, never},
    {databricks_cli_path, "databricks_cli_path", "DATABRICKS_CLI_PATH"},
    {auth_type, "auth_type", "DATABRICKS_AUTH_TYPE", text, never},
    {oidc_token_filepath, "databricks_id_token_filepath", "DATABRICKS_OIDC_TOKEN_FILEPATH", text, open, "file-oidc",
     "oidc_token_filepath", "DATABRICKS_OIDC_TOKEN_FILE"},
    {oidc_token_env, "oidc_token_env", "DATABRICKS_OIDC_TOKEN_ENV", text, open, "env-oidc"},
    {skip_verify, "skip_verify", "", flag, never},
    {http_timeout_seconds, "http_timeout_seconds", "", number, never},
    {debug_truncate_bytes, "debug_truncate_bytes", "DATABRICKS_DEBUG_TRUNCATE_BYTES", number, never},
    {debug_headers, "debug_headers", "DATABRICKS_DEBUG_HEADERS", flag, never},
    {rate_limit, "rate_limit", "DATABRICKS_RATE_LIMIT", number, never},
    {retry_timeout_seconds, "retry_timeout_seconds", "", number, never},
    {cloud, "cloud", "DATABRICKS_CLOUD", text, never},
    {audience, "audience", "DATABRICKS_TOKEN_AUDIENCE", text, never, "", "token_audience"},
    {discovery_url, "discovery_url", "DATABRICKS_DISCOVERY_URL", url, never},
    {disable_async_token_refresh, "disable_async_token_refresh", "DATABRICKS_DISABLE_ASYNC_TOKEN_REFRESH", flag, never},
}};

constexpr bool in_order() {
    for (std::size_t i = 0; i < table.size(); ++i) {
        if (table[i].id != static_cast<attribute>(i)) return false;
    }
    return true;
}
static_assert(in_order());

std::optional<std::string> normal_flag(std::string_view given) {
    for (const std::string_view yes : {"1", "t", "T", "TRUE", "true", "True"}) {
        if (given == yes) return "true";
    }
    for (const std::string_view no : {"0", "f", "F", "FALSE", "false", "False"}) {
        if (given == no) return "";
    }
    return std::nullopt;
}

std::optional<std::string> normal_number(std::string_view given) {
    if (given.starts_with('+') && !given.starts_with("+-")) given.remove_prefix(1);
    std::int64_t value = 0;
    const auto [end, ec] = std::from_chars(given.data(), given.data() + given.size(), value);
    if (ec != std::errc() || end != given.data() + given.size()) return std::nullopt;
    return value == 0 ? "" : std::to_string(value);
}

std::string normal_list(std::string_view given) {
    std::string out;
    for (const auto& item : items_of(given))
        out += (out.empty() ? "" : ",") + item;
    return out;
}

}  // namespace

const std::array<attribute_row, attribute_count>& attributes() noexcept { return table; }

const attribute_row& row_of(attribute a) noexcept { return table[static_cast<std::size_t>(a)]; }

const attribute_row* find_attribute(std::string_view key) noexcept {
    const auto at = std::find_if(table.begin(), table.end(), [&](const auto& row) {
        return !key.empty() && (row.key == key || row.other_key == key);
    });
    return at == table.end() ? nullptr : &*at;
}

std::optional<std::string> normal_value(value_type type, std::string_view given) {
    if (given.empty()) return "";
    switch (type) {
        case flag: return normal_flag(given);
        case number: return normal_number(given);
        case list: return normal_list(given);
        case text:
        case url: break;
    }
    return std::string(given);
}

std::string_view wanted(value_type type) noexcept {
    if (type == flag) return "true or false";
    return type == number ? "a whole number" : "text";
}

std::vector<std::string> items_of(std::string_view list) {
    std::vector<std::string> out;
    for (std::size_t from = 0; from < list.size();) {
        const std::size_t end = std::min(list.find_first_of(", \t", from), list.size());
        if (end > from) out.emplace_back(list.substr(from, end - from));
        from = end + 1;
    }
    return out;
}

}  // namespace dbxapps::config
