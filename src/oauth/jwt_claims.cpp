#include <oauth/jwt_claims.hpp>

#include <text/ascii.hpp>
#include <text/encoding.hpp>

#include <boost/json.hpp>

namespace dbxapps::oauth {
namespace {

boost::json::value claims_in(std::string_view token) {
    const auto first = token.find('.');
    const auto second = token.find('.', first + 1);
    if (first == token.npos || second == token.npos) return nullptr;
    const auto text = text::from_base64url(token.substr(first + 1, second - first - 1));
    if (!text) return nullptr;
    boost::system::error_code ec;
    auto out = boost::json::parse(*text, ec);
    return ec ? boost::json::value() : out;
}

}  // namespace

std::vector<std::string> scopes_in(std::string_view token) {
    const auto claims = claims_in(token);
    if (!claims.is_object()) return {};
    const auto* scope = claims.get_object().if_contains("scope");
    if (!scope) scope = claims.get_object().if_contains("scp");
    if (!scope) return {};
    if (scope->is_string()) return text::words_of(scope->get_string());
    std::vector<std::string> out;
    if (const auto* list = scope->if_array()) {
        for (const auto& one : *list) {
            if (one.is_string()) out.emplace_back(one.get_string());
        }
    }
    return out;
}

std::optional<std::int64_t> expiry_in(std::string_view token) {
    constexpr double latest = 253402300799;  // the last second of the year 9999
    const auto claims = claims_in(token);
    const auto* exp = claims.is_object() ? claims.get_object().if_contains("exp") : nullptr;
    if (!exp || !exp->is_number()) return std::nullopt;
    boost::system::error_code ec;
    const auto at = exp->to_number<double>(ec);
    if (ec || !(at >= 0 && at <= latest)) return std::nullopt;
    return static_cast<std::int64_t>(at);
}

}  // namespace dbxapps::oauth
