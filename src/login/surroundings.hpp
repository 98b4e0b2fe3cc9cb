// What this process has around it: its environment, the files of its user, and programs.
#pragma once

#include <config/resolve.hpp>

#include <dbxapps/network_options.hpp>
#include <dbxapps/profile.hpp>

namespace dbxapps::login {

config::surroundings process_surroundings();

// A profile's settings with all that goes before them and behind them. Failures: errc::bad_config; `reached` then has
// what was found until then.
result<config::resolved> resolve(const profile&, const config::surroundings&, config::settings* reached = nullptr);

// Further roots that the environment names, unless the options do.
void add_roots_of_environment(tls_options&);

}  // namespace dbxapps::login
