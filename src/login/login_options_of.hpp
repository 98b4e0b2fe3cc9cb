// A person's login as settings have it.
#pragma once

#include <config/settings.hpp>

#include <dbxapps/user_login.hpp>

namespace dbxapps::login {

user_login_options login_options_of(const config::settings&);
// Is one stored? It is not read: whoever uses it is told what is wrong with it.
bool has_login(const config::settings&);

}  // namespace dbxapps::login
