#include <oauth/google_requests.hpp>

#include <config/config_error.hpp>
#include <oauth/jwt_claims.hpp>
#include <oauth/shown.hpp>
#include <text/encoding.hpp>
#include <text/url.hpp>

#include <boost/json.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace dbxapps::oauth {
namespace {

namespace json = boost::json;

constexpr std::int64_t assertion_life = 3600;  // the most that Google takes
constexpr std::int64_t longest_life = std::int64_t{10} * 366 * 86400;

constexpr std::string_view check_key =
    "check that the service account's key has not been deleted, and that this machine's clock is right";
constexpr std::string_view check_role =
    "the identity needs the role roles/iam.serviceAccountTokenCreator on that service account, and the project the "
    "IAM Service Account Credentials API";
constexpr std::string_view check_machine = "the machine needs a service account with the scope cloud-platform";
constexpr std::string_view log_in = "run: gcloud auth application-default login";

http_request by_assertion(std::string_view token_uri, std::string_view assertion) {
    return form_post(token_uri, text::form_body({{"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"},
                                                 {"assertion", assertion}}));
}

http_request to_iam(std::string_view service_account, std::string_view what, std::string_view access_token,
                    std::string_view quota_project, const json::object& body) {
    http_request out;
    out.method = "POST";
    out.url = "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/" +
              text::percent_encoded(service_account) + ":" + std::string(what);
    out.headers = {{"Authorization", "Bearer " + std::string(access_token)},
                   {"Content-Type", "application/json"},
                   {"Accept", "application/json"}};
    if (!quota_project.empty()) out.headers.emplace_back("X-Goog-User-Project", quota_project);
    out.body = json::serialize(body);
    return out;
}

std::string text_of(const json::value& v, std::string_view key) {
    const json::value* found = v.is_object() ? v.get_object().if_contains(key) : nullptr;
    return found && found->is_string() ? std::string(found->get_string()) : std::string();
}

// Either as a token endpoint says it (RFC 6749 section 5.2), or as Google's other services do.
std::string words_of_error(const json::value& body, const std::vector<std::string>& hide) {
    const json::value* inner = body.is_object() ? body.get_object().if_contains("error") : nullptr;
    if (!inner) return {};
    const bool plain = inner->is_string();
    const std::string code = plain ? text_of(body, "error") : text_of(*inner, "status");
    const std::string words = plain ? text_of(body, "error_description") : text_of(*inner, "message");
    std::string out;
    if (!code.empty()) out += ": " + shown(code, 60, hide);
    if (!words.empty()) out += ": " + shown(words, 300, hide);
    return out;
}

bool is_final(int status) noexcept { return status == 400 || status == 401 || status == 403 || status == 404; }

std::string answered(std::string_view url, int status) {
    return text::shown_url(url) + " answered with status " + std::to_string(status);
}

bool is_sendable(std::string_view token) noexcept {
    return !token.empty() && std::all_of(token.begin(), token.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

std::vector<std::string_view> google_workspace_scopes() {
    return {google_cloud_scope, "https://www.googleapis.com/auth/compute"};
}

std::string assertion_to_sign(const google_service_account& who, std::string_view claim, std::string_view value,
                              std::int64_t now) {
    json::object head = {{"alg", "RS256"}, {"typ", "JWT"}};
    if (!who.key_id.empty()) head["kid"] = who.key_id;
    json::object claims = {{"iss", who.email}, {"aud", who.token_uri}, {"iat", now}, {"exp", now + assertion_life}};
    claims[claim] = value;
    return text::base64url(json::serialize(head)) + "." + text::base64url(json::serialize(claims));
}

google_request id_token_by_assertion(std::string_view token_uri, std::string_view assertion) {
    return {by_assertion(token_uri, assertion), "id_token", check_key};
}

google_request access_token_by_assertion(std::string_view token_uri, std::string_view assertion) {
    return {by_assertion(token_uri, assertion), "access_token", check_key};
}

google_request access_token_of_user(const google_user& who) {
    return {form_post("https://oauth2.googleapis.com/token", text::form_body({{"grant_type", "refresh_token"},
                                                                              {"client_id", who.client_id},
                                                                              {"client_secret", who.client_secret},
                                                                              {"refresh_token", who.refresh_token}})),
            "access_token", log_in, true};
}

google_request access_token_of_machine() {
    http_request ask;
    ask.method = "GET";
    ask.url = "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token";
    ask.headers = {{"Metadata-Flavor", "Google"}};
    return {std::move(ask), "access_token", check_machine, false, true};
}

google_request id_token_of(std::string_view service_account, std::string_view audience, std::string_view access_token,
                           std::string_view quota_project) {
    const json::object body = {{"audience", audience}, {"includeEmail", true}};
    return {to_iam(service_account, "generateIdToken", access_token, quota_project, body), "token", check_role};
}

google_request access_token_of(std::string_view service_account, std::string_view access_token,
                               std::string_view quota_project) {
    json::array scopes;
    for (const auto scope : google_workspace_scopes())
        scopes.emplace_back(scope);
    const json::object body = {{"scope", std::move(scopes)}, {"lifetime", "3600s"}};
    return {to_iam(service_account, "generateAccessToken", access_token, quota_project, body), "accessToken",
            check_role};
}

result<std::string> read_google_answer(const google_request& asked, std::string_view url, const google_answer& answer,
                                       const std::vector<std::string>& hide) {
    boost::system::error_code ec;
    const json::value body = json::parse(answer.body, ec);
    failure out;
    if (answer.status == 200) {
        std::string token = text_of(body, asked.member);
        if (is_sendable(token)) return token;
        out = failure(errc::token_unavailable,
                      answered(url, 200) + ", but its body has no usable '" + std::string(asked.member) + "'",
                      make_error_code(errc::bad_response));
    } else {
        const bool final = is_final(answer.status);
        std::string detail = answered(url, answer.status) + words_of_error(body, hide) + "; " +
                             std::string(final ? asked.advice : "trying later may help");
        if (!final) {
            out = failure(errc::token_unavailable, std::move(detail));
        } else if (asked.for_a_login) {
            out = config::failed(config::config_error::login_required, std::move(detail));
        } else {
            out = config::failed(config::config_error::credential_source, std::move(detail));
        }
    }
    out.status = answer.status;
    out.retry_after = answer.retry_after;
    return out;
}

result<token> presented_id_token(std::string_view id_token, std::int64_t now) {
    const auto end = expiry_in(id_token);
    if (!end || *end - now > longest_life) {
        return failure(errc::token_unavailable, "Google's ID token does not say when it ends (its claim exp)",
                       make_error_code(errc::bad_response));
    }
    token out(id_token, std::chrono::seconds(std::max<std::int64_t>(0, *end - now)));
    out.unfit_for_apps("a Google ID token");
    return out;
}

}  // namespace dbxapps::oauth
