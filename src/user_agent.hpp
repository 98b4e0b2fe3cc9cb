// The product token that every request carries.
#pragma once

#include <string_view>

namespace dbxapps {

constexpr std::string_view product() noexcept { return "dbxapps/" DBXAPPS_VERSION; }

}  // namespace dbxapps
