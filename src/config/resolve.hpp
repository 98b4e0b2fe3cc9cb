// Fills settings from the environment and a profile (facts: Databricks authentication, 1.2 to 1.8). Pure: what it reads
// is given to it.
//
// The order, for each setting by itself: the program's own, the environment, the profile. Error words end with the
// settings at hand, without secrets.
#pragma once

#include <config/config_error.hpp>
#include <config/settings.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace dbxapps::config {

// What settings are read from; each of them has to be there.
struct surroundings {
    std::function<std::string(const std::string& name)> variable;  // empty counts as unset
    // The text of a file, nullopt if there is none; as read_text_file().
    std::function<result<std::optional<std::string>>(const std::string& path)> file;
    std::string home;  // may be empty: then there is no ~/.databrickscfg
    // Is there a program of this name or path? If not: config_error::cli_not_found or legacy_cli.
    std::function<std::optional<config_error>(const std::string& name)> no_program;
    // Is a login of a person's kept for these settings? May be empty: then none is.
    std::function<bool(const settings&)> has_login;
    // Told what a person should know of it. May be empty.
    std::function<void(const std::string&)> warn;
};

struct resolved {
    settings values;          // host is normal, profile is the one that was read
    std::string absent_file;  // where a profile was looked for in vain: not an error by itself
};

// Failures: config_error::bad_value, parse, profile_missing, reserved_profile, conflict, no_host.
//
// Stricter than the SDK for Go, which it follows in all else: a profile's login stays with the profile's host; http is
// for loopback; a host with a user or a password in it is refused; what is malformed is named; the file is bounded, is
// no pipe and has no NUL; a "~" stands for HOME only if nothing or a slash follows; a quoted value may hold " #".
// `reached`: gets the settings as far as a failure let them come.
result<resolved> resolve(settings own, const surroundings&, settings* reached = nullptr);

// "<stage>: <why>. Config: <settings>. Env: <variables>" around a failure; code and cause stay.
failure explained(std::string_view stage, const failure& why, const settings&);

}  // namespace dbxapps::config
