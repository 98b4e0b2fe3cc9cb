// A person's login as settings have it.
#pragma once

#include <config/settings.hpp>

#include <dbxapps/user_login.hpp>

namespace dbxapps::login {

user_login_options login_options_of(const config::settings&);
// Is one stored? Its file may be damaged: then whoever uses it is told.
bool has_login(const config::settings&);

}  // namespace dbxapps::login
