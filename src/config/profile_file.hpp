// The INI text of ~/.databrickscfg (facts: Databricks authentication, 1.4 and 1.5). Pure.
//
// Lines before the first section belong to DEFAULT; the keys of DEFAULT are not inherited. A section that comes twice
// is one section; of a key that comes twice the last one counts. Errors name the line and never quote it.
#pragma once

#include <dbxapps/error.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dbxapps::config {

constexpr std::size_t largest_profile_file = 1024 * 1024;
constexpr std::string_view default_section = "DEFAULT";
constexpr std::string_view settings_section = "__settings__";  // holds choices, and is no profile

struct profile_section {
    std::string name;
    std::vector<std::pair<std::string, std::string>> keys;
    std::string_view value(std::string_view key) const noexcept;  // empty: none
};

struct profile_file {
    std::vector<profile_section> sections;
    const profile_section* find(std::string_view name) const noexcept;  // null: none
};

// Failures: config_error::parse, as "line 7: ...".
result<profile_file> parse_profile_file(std::string_view text);

// The section to read, and null if nobody asked for one and there is no DEFAULT. `requested` may be empty; `path` is
// for the words. Failures: config_error::profile_missing, reserved_profile.
result<const profile_section*> choose_profile(const profile_file&, std::string_view requested, std::string_view path);

}  // namespace dbxapps::config
