// The claims of an access token. The input is a token as it is, and also the JSON inside of one.
#include <oauth/jwt_claims.hpp>

#include <fuzz/property.hpp>
#include <text/encoding.hpp>

#include <boost/json.hpp>

namespace dbxapps::fuzz {
namespace {

namespace json = boost::json;

std::vector<std::string> scopes_of(std::string_view claims) {
    return oauth::scopes_in("eyJhbGciOiJub25lIn0." + text::base64url(claims) + ".c2ln");
}

void check_bounds(const std::vector<std::string>& scopes, std::size_t size) {
    std::size_t bytes = 0;
    for (const auto& scope : scopes)
        bytes += scope.size();
    require(scopes.size() <= size && bytes <= size, "nothing is made up");
}

void check_token(std::string_view token) {
    check_bounds(oauth::scopes_in(token), token.size());
    const auto dots = std::count(token.begin(), token.end(), '.');
    require(dots >= 2 || oauth::scopes_in(token).empty(), "a token has three parts", token);
    const auto bytes = text::from_base64url(token);
    if (bytes) require(text::from_base64url(text::base64url(*bytes)) == bytes, "base64url goes both ways", token);
}

void check_claims(std::string_view claims) {
    const auto scopes = scopes_of(claims);
    check_bounds(scopes, claims.size());
    std::string padded = text::base64url(claims);
    padded.append((4 - padded.size() % 4) % 4, '=');
    require(oauth::scopes_in("e30." + padded + ".") == scopes, "only the claims matter, padded or not", claims);
    require(oauth::scopes_in("e30." + padded).empty(), "a token without a signature is none", claims);

    json::error_code ec;
    const json::value v = json::parse(claims, ec);
    if (ec || !v.is_object()) return require(scopes.empty(), "what is no JSON object claims nothing", claims);
    const auto* claim = v.get_object().if_contains("scope");
    if (!claim) claim = v.get_object().if_contains("scp");
    if (!claim || !(claim->is_string() || claim->is_array()))
        return require(scopes.empty(), "nothing is said of scopes", claims);
    if (claim->is_array()) {
        const auto& list = claim->get_array();
        const auto strings = std::count_if(list.begin(), list.end(), [](const auto& e) { return e.is_string(); });
        return require(scopes.size() == static_cast<std::size_t>(strings), "each text of a list is a scope", claims);
    }
    std::string joined;
    for (const auto& scope : scopes) {
        require(!scope.empty() && !holds(scope, " "), "a scope is a word", scope);
        joined += (joined.empty() ? "" : " ") + scope;
    }
    const auto again = scopes_of(json::serialize(json::object{{"scope", joined}}));
    require(again == scopes, "words between spaces are the scopes", joined);
}

}  // namespace
}  // namespace dbxapps::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = dbxapps::fuzz::text_of(data, size);
    dbxapps::fuzz::check_token(input);
    dbxapps::fuzz::check_claims(input);
    return 0;
}
