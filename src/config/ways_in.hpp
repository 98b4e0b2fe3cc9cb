// Which ways in apply, as far as settings decide (facts: Databricks authentication, 2.0): one table, in the order in
// which they are tried. Pure. auth_type names one of them and leaves no other.
#pragma once

#include <config/host.hpp>
#include <config/resolve.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dbxapps::config {

struct way_in {
    std::string_view auth_type;
    bool apps_accept = false;        // Databricks Apps take its tokens: OAuth tokens that Databricks gave out
    std::string_view needs{};        // keys of settings, all of them
    std::optional<cloud> only_on{};  // nothing: on every cloud
    // What else is missing; null: nothing else is needed.
    std::optional<failure> (*lacks)(const settings&, const surroundings&) = nullptr;
};

const std::array<way_in, 16>& ways_in() noexcept;

struct way_in_verdict {
    const way_in* way;
    std::optional<failure> why_not;  // nothing: its conditions hold
};

// Of every way in, or of the one that auth_type names. config_error::unknown_auth_type.
result<std::vector<way_in_verdict>> judge_ways_in(const settings&, const surroundings&);

// Nothing is missing but to know that the host, whose name does not tell, is on the cloud that this way in is for.
bool hangs_on_cloud(const way_in&, const settings&, const surroundings&);

// config_error::no_credentials, with one line for each of them and why it did not apply.
failure no_way_in(const resolved&, const std::vector<way_in_verdict>&);

// The first whose conditions hold. Failures: config_error::unknown_auth_type, no_credentials, and, of the one that
// auth_type names, its own.
result<const way_in*> choose_way_in(const resolved&, const surroundings&);

}  // namespace dbxapps::config
