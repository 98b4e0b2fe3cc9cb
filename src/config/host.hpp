// Databricks host names as people write them (facts: Databricks authentication, 1.7). Pure.
#pragma once

#include <dbxapps/error.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace dbxapps::config {

// What a browser's address bar tells: the host, and in its query perhaps ids. Empty: not said.
struct written_host {
    std::string host;  // https://<host>[:port], letters as given
    std::string workspace_id, account_id;
};

// A missing scheme becomes https; http is kept for loopback only; a path is dropped. errc::bad_config
// (config_error::no_host, bad_value) for an empty or malformed host.
result<written_host> read_host(std::string_view);
result<std::string> normal_host(std::string_view);  // the host alone, in lower case

// An accounts console: https://accounts. or https://accounts-dod.
bool is_account_host(std::string_view normal_host) noexcept;

enum class cloud { aws, azure, gcp };
std::string_view to_string(cloud) noexcept;                         // "AWS", "Azure", "GCP"
std::optional<cloud> cloud_named_by(std::string_view normal_host);  // by the end of its name
cloud cloud_of_host(std::string_view normal_host);                  // likewise; AWS if that says nothing

}  // namespace dbxapps::config
