// Which databricks CLI is it? It says so in one of two forms (facts: Databricks authentication, 2.4). Pure.
#pragma once

#include <dbxapps/error.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace dbxapps::oauth {

struct cli_version {
    std::array<std::uint32_t, 3> number{};
    std::string pre;  // of a pre-release, which comes before the release (Semantic Versioning 2.0.0, section 9)

    // Is it that release, or a later one?
    bool at_least(const std::array<std::uint32_t, 3>& release) const noexcept {
        return number > release || (number == release && pre.empty());
    }
    std::string text() const;  // "v0.296.0-rc.1"
};

// "Databricks CLI vX.Y.Z[-pre][+build]". config_error::parse, as the others.
result<cli_version> read_version_text(std::string_view);
result<cli_version> read_version_json(std::string_view);
// Either of them.
result<cli_version> read_cli_version(std::string_view);

}  // namespace dbxapps::oauth
