#include <oauth/json_member.hpp>

#include <boost/json.hpp>

#include <charconv>
#include <cmath>

namespace dbxapps::oauth {
namespace {

namespace json = boost::json;

// Null, if there is none.
json::value member(std::string_view body, std::string_view key) {
    boost::system::error_code ec;
    const auto v = json::parse(body, ec);
    if (ec || !v.is_object()) return nullptr;
    const auto* found = v.get_object().if_contains(key);
    return found ? *found : json::value();
}

}  // namespace

std::string string_member(std::string_view body, std::string_view key) {
    const auto found = member(body, key);
    return found.is_string() ? std::string(found.get_string()) : std::string();
}

std::optional<double> number_member(std::string_view body, std::string_view key) {
    const auto found = member(body, key);
    if (found.is_int64()) return static_cast<double>(found.get_int64());
    if (found.is_uint64()) return static_cast<double>(found.get_uint64());
    if (found.is_double()) return found.get_double();
    if (!found.is_string()) return std::nullopt;
    const auto& s = found.get_string();
    double out = 0;
    const auto [end, ec] = std::from_chars(s.data(), s.data() + s.size(), out);
    if (s.empty() || ec != std::errc() || end != s.data() + s.size() || std::isnan(out)) return std::nullopt;
    return out;
}

}  // namespace dbxapps::oauth
