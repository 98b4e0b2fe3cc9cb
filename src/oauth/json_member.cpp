#include <oauth/json_member.hpp>

#include <boost/json.hpp>

namespace dbxapps::oauth {

std::string string_member(std::string_view body, std::string_view key) {
    boost::system::error_code ec;
    const auto v = boost::json::parse(body, ec);
    if (ec || !v.is_object()) return {};
    const auto* found = v.get_object().if_contains(key);
    return found && found->is_string() ? std::string(found->as_string()) : std::string();
}

}  // namespace dbxapps::oauth
