// Databricks host names as people write them (facts: Databricks authentication, 1.7). Pure.
#pragma once

#include <dbxapps/error.hpp>

#include <string>
#include <string_view>

namespace dbxapps::config {

// https://<host>[:port] without path, query and slash. A missing scheme becomes https; http is kept for loopback only.
// errc::bad_config for an empty or malformed host.
result<std::string> normal_host(std::string_view);

// An accounts console: https://accounts. or https://accounts-dod.
bool is_account_host(std::string_view normal_host) noexcept;

}  // namespace dbxapps::config
