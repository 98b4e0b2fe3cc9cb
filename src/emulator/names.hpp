// The names that the emulator gives its hosts; what a Databricks workspace on AWS would be called.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace dbxapps::emulated {

inline constexpr std::string_view workspace_host = "emulated.cloud.databricks.com";
inline constexpr std::string_view workspace_id = "1234567890123456";
inline constexpr std::string_view app_suffix = "-1234567890123456.aws.databricksapps.com";
inline constexpr std::string_view app_wildcard = "*.aws.databricksapps.com";
inline constexpr std::size_t longest_app_name = 46;  // with the workspace id it is a DNS label: 63 at most

bool is_app_name(std::string_view) noexcept;
// "orders" of "orders-1234567890123456.aws.databricksapps.com"; empty when it is no app's host. Without port, lower
// case.
std::string_view app_of_host(std::string_view host) noexcept;

// Who this workspace is: fixed when the emulator starts.
struct site {
    std::string workspace_url;  // with port
    std::string client_id;
    std::string client_secret;
    std::string account_id;
};

}  // namespace dbxapps::emulated
