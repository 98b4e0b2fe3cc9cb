// When a token ends, as the programs that give it out write it (facts: Databricks authentication, 2.4 and 2.10). Pure.
#pragma once

#include <dbxapps/error.hpp>

#include <cstdint>
#include <ctime>
#include <functional>
#include <optional>
#include <string_view>

namespace dbxapps::oauth {

struct instant {
    std::int64_t seconds = 0;  // since 1970
    std::uint32_t nanoseconds = 0;
    bool operator==(const instant&) const = default;
};

// Seconds since 1970 of a time in some zone, as mktime(3) and timegm(3) tell it; nothing, if it has none.
using zone = std::function<std::optional<std::int64_t>(std::tm)>;
std::optional<std::int64_t> in_utc(std::tm);
std::optional<std::int64_t> in_local_time(std::tm);  // of the process (TZ)

// RFC 3339, or "YYYY-MM-DD HH:MM:SS[.fraction]" in `zoneless`. config_error::parse
result<instant> read_expiry(std::string_view, const zone& zoneless);

}  // namespace dbxapps::oauth
