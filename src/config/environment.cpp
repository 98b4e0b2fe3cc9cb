#include <config/environment.hpp>

#include <cstdlib>

namespace dbxapps::config {

std::optional<std::string> process_environment(const std::string& name) {
    const char* const value = std::getenv(name.c_str());
    return value ? std::optional<std::string>(value) : std::nullopt;
}

}  // namespace dbxapps::config
