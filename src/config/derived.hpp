// What follows from settings without asking anybody (facts: Databricks authentication, 1.7 and 5). Pure.
#pragma once

#include <config/host.hpp>
#include <config/settings.hpp>

#include <string>
#include <vector>

namespace dbxapps::config {

enum class host_type { workspace, account };
std::string_view to_string(host_type) noexcept;
host_type host_type_of(const settings&) noexcept;  // by the host's name; its metadata may know better

// An Azure resource id says Azure; else the setting, if it is one of the three (letter case apart); else the host.
cloud cloud_of(const settings&);

// Sorted, each once; all-apis if none are set.
std::vector<std::string> scopes_of(const settings&);
// The same for a person's login: offline_access at the end asks for a refresh token, unless that is disabled.
std::vector<std::string> login_scopes_of(const settings&);

}  // namespace dbxapps::config
