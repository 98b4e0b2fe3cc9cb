// What the databricks CLI is asked, and what it says (facts: Databricks authentication, 2.4 and 4.5). Pure.
#pragma once

#include <dbxapps/error.hpp>
#include <dbxapps/token.hpp>
#include <oauth/cli_version.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dbxapps::oauth {

// Whose token is wanted; empty: not said.
struct cli_login {
    std::string path;     // of the program
    std::string profile;  // passed on to versions that know of it; the host is what others are told
    std::string host;
    std::string account_id;
    bool account_host = false;  // the host is an accounts console
};

enum class refreshing { forced_if_known, by_itself };

// The words of the command, its path first. Nothing for a version: as the oldest. config_error::cli_command
result<std::vector<std::string>> cli_command(const cli_login&, const std::optional<cli_version>&,
                                             refreshing = refreshing::forced_if_known);

// Its answer. `now`: seconds since 1970. Without an expiry (there may be none) the token's own claim exp counts;
// without that it does not end. Failures: config_error::parse, or errc::token_unavailable if it has expired.
result<token> read_cli_token(std::string_view json, std::int64_t now);

// Another process may have been refreshing the stored login at the same moment.
bool is_refresh_conflict(std::string_view err) noexcept;
// Why there is no token, by what the CLI said on stderr; or by how it `ended`, if it said nothing. Failures:
// config_error::login_required, cli_command, or errc::token_unavailable. No secret in it is repeated.
failure cli_failure(const cli_login&, std::string_view ended, std::string_view err);

// Are these the scopes that the token says it has, offline_access apart? config_error::scope_mismatch
result<void> check_scopes(const std::vector<std::string>& wanted, const token&, const cli_login&);

}  // namespace dbxapps::oauth
