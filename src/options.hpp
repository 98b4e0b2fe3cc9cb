// Every setting checked in one place, each rule with a message of its own that names the member.
#pragma once

#include <dbxapps/client_options.hpp>
#include <dbxapps/token_cache.hpp>

namespace dbxapps {

// Both throw dbxapps::error with errc::bad_config.
void validate(const client_options&);
void validate(const token_options&);

}  // namespace dbxapps
