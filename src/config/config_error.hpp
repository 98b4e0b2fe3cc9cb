// Why a configuration cannot be used: finer than errc, and carried as `failure::cause` through every layer.
#pragma once

#include <dbxapps/error.hpp>

#include <string>
#include <string_view>

namespace dbxapps::config {

enum class config_error {
    no_credentials = 1,  // nothing says how to log in, or not enough of it
    conflict,            // two settings contradict each other
    profile_missing,     // the profile asked for is not in the file
    reserved_profile,    // __settings__ is no profile
    unknown_auth_type,   // auth_type names no way in
    no_host,             // the host setting has no host name in it
    bad_value,           // a setting is not of its type
    credential_source,   // what gives out credentials said no
    cli_command,         // the databricks CLI cannot be asked for a token with these settings
    cli_not_found,       // there is no databricks CLI
    legacy_cli,          // there is one, too old to give out tokens
    login_required,      // a person has to log in
    scopes_unsupported,  // this way in cannot choose scopes
    scope_mismatch,      // the login at hand has other scopes
    parse,               // a text is not what it should be
};

std::string_view to_string(config_error) noexcept;  // "no_credentials"
errc code_of(config_error) noexcept;                // what callers branch on
errc code_of_system(const error_code&) noexcept;    // of a file: bad_config, or token_unavailable for what may pass
boost::system::error_code make_error_code(config_error) noexcept;
failure failed(config_error, std::string detail);  // code_of() it, and it as the cause
// The finest word for why a login failed: its cause, if that is one of these, else by its code.
config_error kind_of(const failure&) noexcept;

}  // namespace dbxapps::config

template <>
struct boost::system::is_error_code_enum<dbxapps::config::config_error> : std::true_type {};
