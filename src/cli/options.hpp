// What is written behind `dbxapps`: `auth <command> [options]`. Pure.
#pragma once

#include <dbxapps/profile.hpp>

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace dbxapps::cli {

// Words for a person who has written something else.
class bad_usage : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct options {
    std::string command;  // "describe"; empty: help, or version
    profile settings;     // what the options say of the login
    std::string ca_file;
    std::string config_file;
    bool json = false;
    bool offline = false;
    bool browser = true;
    bool help = false;
    bool version = false;
};

// Throws bad_usage. No word of it repeats a value, as that may be a secret.
options parse(const std::vector<std::string_view>& arguments);

extern const std::string_view help_text;

}  // namespace dbxapps::cli
