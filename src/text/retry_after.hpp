// The Retry-After field (RFC 9110 section 10.2.3): seconds, or an HTTP date in its preferred form.
#pragma once

#include <dbxapps/time.hpp>

#include <ctime>
#include <optional>
#include <string_view>

namespace dbxapps::text {

// `wall_now` is what a date is counted from; a date in the past is zero. Nonsense is nullopt; more than a day is a day.
std::optional<duration> parse_retry_after(std::string_view, std::time_t wall_now);

}  // namespace dbxapps::text
