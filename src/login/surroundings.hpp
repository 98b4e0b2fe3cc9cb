// What this process has around it: its environment, the files of its user, and programs.
#pragma once

#include <config/resolve.hpp>

#include <dbxapps/profile.hpp>

namespace dbxapps::login {

config::surroundings process_surroundings();

// A profile's settings with all that goes before them and behind them. Failures: errc::bad_config.
result<config::resolved> resolve(const profile&, const config::surroundings&);

}  // namespace dbxapps::login
