#include <oauth/expiry.hpp>

#include <config/config_error.hpp>
#include <text/ascii.hpp>

#include <algorithm>
#include <string>

namespace dbxapps::oauth {
namespace {

failure unreadable(std::string_view text) {
    return config::failed(config::config_error::parse,
                          "'" + text::printable(text, 60) + "' is no time such as 2030-01-31T12:00:00Z");
}

// Takes what it reads off the text.
class reader {
public:
    explicit reader(std::string_view s) : rest_(s) {}
    bool number(std::size_t digits, int& out, int least, int most) {
        const auto n = text::parse_number(rest_.substr(0, digits));
        if (rest_.size() < digits || !n || *n < static_cast<unsigned>(least) || *n > static_cast<unsigned>(most))
            return false;
        out = static_cast<int>(*n);
        rest_.remove_prefix(digits);
        return true;
    }
    bool any_of(std::string_view chars) {
        if (rest_.empty() || chars.find(rest_.front()) == chars.npos) return false;
        rest_.remove_prefix(1);
        return true;
    }
    // What is finer than a nanosecond is dropped.
    bool fraction(std::uint32_t& nanoseconds) {
        const auto end = std::find_if_not(rest_.begin(), rest_.end(), text::is_digit);
        std::string digits(rest_.begin(), end);
        if (digits.empty()) return false;
        rest_.remove_prefix(digits.size());
        digits.resize(9, '0');
        nanoseconds = static_cast<std::uint32_t>(*text::parse_number(digits));
        return true;
    }
    bool done() const { return rest_.empty(); }

private:
    std::string_view rest_;
};

// Up to the seconds; false if that is no time of any day.
bool read_civil(reader& from, std::tm& out, bool& spaced) {
    int year = 0, month = 0;
    const bool date = from.number(4, year, 1900, 9999) && from.any_of("-") && from.number(2, month, 1, 12) &&
                      from.any_of("-") && from.number(2, out.tm_mday, 1, 31);
    if (!date) return false;
    spaced = from.any_of(" ");
    out.tm_year = year - 1900;
    out.tm_mon = month - 1;
    const bool whole = (spaced || from.any_of("Tt")) && from.number(2, out.tm_hour, 0, 23) && from.any_of(":") &&
                       from.number(2, out.tm_min, 0, 59) && from.any_of(":") &&
                       from.number(2, out.tm_sec, 0, 60);  // 60: a leap second
    std::tm same = out;
    same.tm_sec = 0;
    ::timegm(&same);
    return whole && same.tm_mday == out.tm_mday;  // no 31 February
}

// Nothing: there is none, or none that can be read.
std::optional<std::int64_t> read_offset(reader& from) {
    if (from.any_of("Zz")) return 0;
    const bool west = from.any_of("-");
    int hours = 0, minutes = 0;
    if ((!west && !from.any_of("+")) || !from.number(2, hours, 0, 23) || !from.any_of(":") ||
        !from.number(2, minutes, 0, 59)) {
        return std::nullopt;
    }
    return (west ? -60 : 60) * (hours * 60 + minutes);
}

}  // namespace

std::optional<std::int64_t> in_utc(std::tm t) { return ::timegm(&t); }

// An hour that comes twice is its first; one that is left out is counted on from the time before. What the C library
// guesses by itself depends on what it was asked before.
std::optional<std::int64_t> in_local_time(std::tm t) {
    std::optional<std::int64_t> out, fallback;
    for (const int summer : {1, 0}) {
        std::tm read = t;
        read.tm_isdst = summer;
        read.tm_wday = -1;
        read.tm_sec = 0;  // the 60th belongs to the next minute
        const std::int64_t at = std::mktime(&read) + t.tm_sec;
        if (read.tm_wday == -1) continue;
        fallback = at;
        const bool same = read.tm_mday == t.tm_mday && read.tm_hour == t.tm_hour && read.tm_min == t.tm_min;
        if (same) out = std::min(out.value_or(at), at);
    }
    return out ? out : fallback;
}

result<instant> read_expiry(std::string_view text, const zone& zoneless) {
    reader from(text);
    std::tm civil{};
    instant out;
    bool spaced = false;
    if (!read_civil(from, civil, spaced) || (from.any_of(".") && !from.fraction(out.nanoseconds)))
        return unreadable(text);
    const bool bare = spaced && from.done();
    const auto offset = bare ? std::optional<std::int64_t>(0) : read_offset(from);
    const auto seconds = bare ? zoneless(civil) : in_utc(civil);
    if (!offset || !seconds || !from.done()) return unreadable(text);
    out.seconds = *seconds - *offset;
    return out;
}

}  // namespace dbxapps::oauth
