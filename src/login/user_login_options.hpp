// What a user's login is made of, with everything that was left out.
#pragma once

#include <oauth/stored_login.hpp>

#include <dbxapps/user_login.hpp>

namespace dbxapps::login {

// Throws dbxapps::error (errc::bad_config) when something needed is missing or malformed.
user_login_options completed(user_login_options);
oauth::login_key key_of(const user_login_options& completed);

}  // namespace dbxapps::login
