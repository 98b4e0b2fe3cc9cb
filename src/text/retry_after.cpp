#include <text/retry_after.hpp>

#include <text/ascii.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

namespace dbxapps::text {
namespace {

constexpr std::int64_t a_day = 86400;

// "Sun, 06 Nov 1994 08:49:37 GMT", read without the locale that strptime would use.
std::optional<std::time_t> parse_date(std::string_view s) {
    constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    if (s.size() != 29 || s.substr(3, 2) != ", " || s.substr(25) != " GMT" || s[19] != ':' || s[22] != ':') return {};
    if (s[7] != ' ' || s[11] != ' ' || s[16] != ' ') return {};
    const auto number = [&](std::size_t at, std::size_t size) { return parse_number(s.substr(at, size)); };
    const auto month = months.find(s.substr(8, 3));
    const std::array fields = {number(5, 2), number(12, 4), number(17, 2), number(20, 2), number(23, 2)};
    if (month == months.npos || month % 3 != 0) return {};
    if (std::any_of(fields.begin(), fields.end(), [](const auto& f) { return !f; })) return {};
    std::tm tm{};
    tm.tm_mday = static_cast<int>(*fields[0]);
    tm.tm_mon = static_cast<int>(month / 3);
    tm.tm_year = static_cast<int>(*fields[1]) - 1900;
    tm.tm_hour = static_cast<int>(*fields[2]);
    tm.tm_min = static_cast<int>(*fields[3]);
    tm.tm_sec = static_cast<int>(std::min<std::uint64_t>(*fields[4], 59));  // 60: a leap second
    if (tm.tm_hour > 23 || tm.tm_min > 59 || *fields[4] > 60) return {};
    const int day = tm.tm_mday;
    const std::time_t date = timegm(&tm);
    if (tm.tm_mday != day) return {};  // 31 February
    return date;
}

}  // namespace

std::optional<duration> parse_retry_after(std::string_view s, std::time_t wall_now) {
    s = trimmed(s);
    const auto bounded = [](std::int64_t seconds) {
        return std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, a_day));
    };
    if (!s.empty() && std::all_of(s.begin(), s.end(), is_digit)) {
        return bounded(static_cast<std::int64_t>(std::min<std::uint64_t>(parse_number(s).value_or(a_day), a_day)));
    }
    if (const auto date = parse_date(s)) return bounded(static_cast<std::int64_t>(*date) - wall_now);
    return std::nullopt;
}

}  // namespace dbxapps::text
