// metadata_service() with a wall clock of one's own.
#pragma once

#include <dbxapps/cli_login.hpp>

#include <functional>

namespace dbxapps::login {

using wall_clock = std::function<std::chrono::system_clock::time_point()>;

std::unique_ptr<token_source> metadata_service(std::string host, std::string url, wall_clock);

}  // namespace dbxapps::login
