// What a program says itself of where and how to log in. All else comes from the environment and ~/.databrickscfg, as
// for the databricks CLI and the SDKs of Databricks (facts: Databricks authentication, 1.1 to 1.6).
//
// Distinct objects: safe. Shared objects: unsafe.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dbxapps {

class profile {
public:
    profile() = default;
    explicit profile(std::string_view name);  // a section of the file

    // A setting by its key in the file: "host", "auth_type", "client_id", "scopes", ... It wins over the environment,
    // which wins over the file. Checked when it is used: an unknown key or a malformed value is errc::bad_config.
    profile& set(std::string_view key, std::string_view value) &;
    profile&& set(std::string_view key, std::string_view value) &&;

    const std::vector<std::pair<std::string, std::string>>& settings() const noexcept { return settings_; }

private:
    std::vector<std::pair<std::string, std::string>> settings_;
};

}  // namespace dbxapps
