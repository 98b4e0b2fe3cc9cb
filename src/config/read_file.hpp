// Reads a small text file of somebody's home. Blocks; makes no network request.
#pragma once

#include <dbxapps/error.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace dbxapps::config {

// nullopt: there is no such file. Failures: config_error::parse, with the path and what the system said; what is
// neither a file nor a device such as /dev/null, and what holds more than `most` bytes, is refused unread.
result<std::optional<std::string>> read_text_file(const std::string& path, std::size_t most);

// A leading "~" or "~/" becomes `home`. config_error::bad_value if that is needed and empty.
result<std::string> expand_home(std::string_view path, std::string_view home);

}  // namespace dbxapps::config
