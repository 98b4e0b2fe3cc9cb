// Every setting checked in one place, each rule with a message of its own that names the member.
#pragma once

#include <dbxapps/app_directory.hpp>
#include <dbxapps/client_options.hpp>
#include <dbxapps/token_cache.hpp>

namespace dbxapps {

// Each throws dbxapps::error with errc::bad_config.
void validate(const client_options&);
void validate(const token_options&);
void validate(const app_directory_options&);

}  // namespace dbxapps
