// Finds the programs that ways in run: the databricks CLI and the Azure CLI (facts: Databricks authentication, 2.4).
// Looks at files, runs nothing.
#pragma once

#include <config/config_error.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace dbxapps::config {

// The full path. A name with a '/' is one already; others are looked for in `path_variable`, a list as in PATH, of
// which only absolute directories count. The databricks CLI is told from the older program of that name by its size: a
// megabyte at least. `az` may be of any size. Failures: config_error::cli_not_found, legacy_cli.
result<std::string> find_program(const std::string& name, std::string_view path_variable);

// The same question, as surroundings want it.
std::optional<config_error> no_program(const std::string& name, std::string_view path_variable);

// What to say when the databricks CLI is not there; `path` as it was set, or empty.
failure no_databricks_cli(config_error why, std::string_view path);

}  // namespace dbxapps::config
