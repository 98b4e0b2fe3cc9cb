// The environment as a function, so that tests bring their own.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace dbxapps::config {

// The value of a variable; nothing when it is not set.
using environment = std::function<std::optional<std::string>(const std::string& name)>;

// That of the process. Not to be called while another thread changes it (setenv(3)).
std::optional<std::string> process_environment(const std::string& name);

}  // namespace dbxapps::config
