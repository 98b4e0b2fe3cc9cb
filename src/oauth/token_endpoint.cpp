#include <oauth/token_endpoint.hpp>

#include <config/config_error.hpp>
#include <oauth/json_member.hpp>
#include <oauth/shown.hpp>
#include <text/ascii.hpp>
#include <text/encoding.hpp>
#include <text/url.hpp>

#include <boost/json.hpp>

#include <algorithm>
#include <array>

namespace dbxapps::oauth {
namespace {

namespace json = boost::json;

// Ten years; a larger one is a mistake of units or worse.
constexpr double longest_life_seconds = 10.0 * 366 * 86400;

failure unusable(std::string_view endpoint, int status, const std::string& what) {
    failure f(errc::token_unavailable,
              "the token endpoint " + text::shown_url(endpoint) + " answered with status " + std::to_string(status) +
                  ", but " + what + "; check that the host is the workspace's own",
              make_error_code(errc::bad_response));
    f.status = status;
    return f;
}

std::string text_of(const json::object& o, std::string_view key) {
    const json::value* v = o.if_contains(key);
    return v && v->is_string() ? std::string(v->as_string()) : std::string();
}

// Section 5.2, and the codes that later grants added. Repeating the request cannot change any of them.
bool is_permanent(std::string_view code) {
    constexpr std::array<std::string_view, 9> codes = {
        "invalid_client", "invalid_grant",  "unauthorized_client", "unsupported_grant_type", "invalid_scope",
        "access_denied",  "invalid_target", "invalid_request",     "consent_required"};
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

std::string advice_for(std::string_view code, std::string_view advice) {
    if (code == "invalid_scope") return "; check the scopes asked for";
    if (!advice.empty()) return "; " + std::string(advice);
    if (code == "invalid_client") return "; check client id and secret, and that the secret has not expired";
    if (code == "invalid_grant") return "; log in again";
    return "; check the service principal's settings";
}

failure refusal(std::string_view endpoint, int status, std::string_view body, std::optional<duration> retry_after,
                const std::vector<std::string>& hide, std::string_view advice) {
    std::string code, words;
    boost::system::error_code ec;
    const json::value v = json::parse(body, ec);
    if (!ec && v.is_object()) {
        code = text_of(v.get_object(), "error");
        words = text_of(v.get_object(), "error_description");
        if (words.empty()) words = text_of(v.get_object(), "message");  // the workspace's own form, as for a blocked IP
    }
    const bool permanent = (status == 400 || status == 401 || status == 403) && is_permanent(code);
    std::string detail =
        "the token endpoint " + text::shown_url(endpoint) + " answered with status " + std::to_string(status);
    if (!code.empty()) detail += ": " + shown(code, 60, hide);
    if (!words.empty()) detail += ": " + shown(words, 300, hide);
    const bool elsewhere = status >= 300 && status < 400;
    const std::string_view later =
        elsewhere ? "; check that the host is the workspace's own address" : "; trying later may help";
    detail += permanent ? advice_for(code, advice) : std::string(later);
    failure f = permanent ? config::failed(config::config_error::credential_source, std::move(detail))
                          : failure(errc::token_unavailable, std::move(detail));
    f.status = status;
    f.retry_after = retry_after;
    return f;
}

}  // namespace

bool is_token_text(std::string_view text) noexcept {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

std::string normal_scopes(const std::vector<std::string>& scopes) {
    std::vector<std::string> all;
    for (const auto& scope : scopes) {
        if (const auto s = text::trimmed(scope); !s.empty()) all.emplace_back(s);
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    std::string out;
    for (const auto& scope : all)
        out += (out.empty() ? "" : " ") + scope;
    return out.empty() ? "all-apis" : out;
}

http_request client_credentials_request(std::string_view endpoint, std::string_view client_id,
                                        std::string_view client_secret, const std::vector<std::string>& scopes) {
    const std::string scope = normal_scopes(scopes);
    auto out = form_post(endpoint, text::form_body({{"grant_type", "client_credentials"}, {"scope", scope}}));
    out.headers.emplace_back("Authorization", "Basic " + text::base64(text::form_encoded(client_id) + ":" +
                                                                      text::form_encoded(client_secret)));
    return out;
}

result<token> read_token_answer(std::string_view endpoint, int status, std::string_view body,
                                std::optional<duration> retry_after, const std::vector<std::string>& hide,
                                std::string_view advice) {
    if (status != 200) return refusal(endpoint, status, body, retry_after, hide, advice);
    boost::system::error_code ec;
    const json::value v = json::parse(body, ec);
    if (ec) return unusable(endpoint, status, "its body is not JSON");
    if (!v.is_object()) return unusable(endpoint, status, "its body is not a JSON object");
    const json::object& o = v.get_object();
    const std::string access_token = text_of(o, "access_token");
    if (access_token.empty()) return unusable(endpoint, status, "its body has no access_token");
    if (!is_token_text(access_token)) {
        return unusable(endpoint, status, "its access_token contains characters that no token has");
    }
    const std::string type = text_of(o, "token_type");
    if (!type.empty() && !text::same(type, "bearer")) {
        return unusable(endpoint, status, "its token_type is '" + shown(type, 40, hide) + "', not Bearer");
    }
    const json::value* expires_in = o.if_contains("expires_in");
    if (!expires_in || expires_in->is_null()) return token(access_token);
    const auto seconds = number_member(body, "expires_in");
    if (!seconds) return unusable(endpoint, status, "its expires_in is not a number");
    if (!(*seconds >= 0)) return unusable(endpoint, status, "its expires_in is negative");
    if (*seconds > longest_life_seconds) return unusable(endpoint, status, "its expires_in is over ten years");
    if (*seconds == 0) return token(access_token);
    return token(access_token, std::chrono::duration_cast<duration>(std::chrono::duration<double>(*seconds)));
}

}  // namespace dbxapps::oauth
