// The ways in by Google ID tokens with a clock and an environment to bring; see <dbxapps/google_login.hpp>.
#pragma once

#include <config/environment.hpp>
#include <dbxapps/google_login.hpp>
#include <login/wall_clock.hpp>

#include <memory>
#include <string>

namespace dbxapps::login {

std::unique_ptr<token_source> google_credentials(std::string host, std::string key, const config::environment&,
                                                 wall_clock);
// What of the environment counts is read when this is called, the files that it names at each fetch.
std::unique_ptr<token_source> google_id(std::string host, std::string service_account, const config::environment&,
                                        wall_clock);

}  // namespace dbxapps::login
