// From settings to the token source of one way in.
#pragma once

#include <config/ways_in.hpp>

#include <dbxapps/token_source.hpp>

#include <memory>

namespace dbxapps::login {

// Of a way in whose conditions hold. Fails as its own function does: errc::bad_config.
result<std::unique_ptr<token_source>> make_source(const config::way_in&, const config::settings&,
                                                  const config::surroundings&);

}  // namespace dbxapps::login
