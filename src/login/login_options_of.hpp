// A person's login as settings have it.
#pragma once

#include <config/settings.hpp>

#include <dbxapps/user_login.hpp>

namespace dbxapps::login {

// What the host's metadata names is found by each source itself, which falls back when it is not there.
std::string own_discovery_url(const config::settings&);
user_login_options login_options_of(const config::settings&);
// Is one stored? It is not read: whoever uses it is told what is wrong with it.
bool has_login(const config::settings&);

}  // namespace dbxapps::login
