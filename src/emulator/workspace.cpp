#include <emulator/apps_api.hpp>
#include <emulator/form.hpp>
#include <emulator/workspace.hpp>
#include <text/ascii.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <optional>

namespace dbxapps::emulated {
namespace {

constexpr std::string_view json = "application/json";

// An error answer of RFC 6749 section 5.2.
struct refusal {
    int status;
    std::string_view code;
    std::string_view why;
};

void refuse(const refusal& no, answer& out) {
    out.start(no.status).field("cache-control", "no-store");
    if (no.status == 401) out.field("www-authenticate", R"(Basic realm="emulated")");
    out.body(json, boost::json::serialize(boost::json::object{{"error", no.code}, {"error_description", no.why}}));
}

std::string_view value(const form_fields& form, std::string_view name) {
    const auto found = form.find(name);
    return found == form.end() ? std::string_view() : std::string_view(found->second);
}

std::optional<refusal> wrong_client(const request_head& head, const form_fields& form, const site& known) {
    std::string id(value(form, "client_id"));
    std::string secret(value(form, "client_secret"));
    if (!head.authorization.empty()) {
        if (!secret.empty()) return refusal{400, "invalid_request", "two ways of client authentication"};
        auto basic = basic_credentials(head.authorization);
        if (!basic) return refusal{401, "invalid_client", "the Authorization field is not Basic credentials"};
        if (!id.empty() && id != basic->first) return refusal{400, "invalid_request", "two client ids"};
        std::tie(id, secret) = std::move(*basic);
    }
    if (id != known.client_id || secret != known.client_secret)
        return refusal{401, "invalid_client", "client authentication failed"};
    return std::nullopt;
}

bool asks_for_more(std::string_view scope) {
    while (!scope.empty()) {
        const std::string_view one = scope.substr(0, scope.find(' '));
        scope.remove_prefix(std::min(one.size() + 1, scope.size()));
        if (!one.empty() && one != "all-apis") return true;
    }
    return false;
}

std::optional<refusal> wrong_request(const request_head& head, std::string_view body, const site& known) {
    const std::string_view type =
        text::trimmed(std::string_view(head.content_type).substr(0, head.content_type.find(';')));
    if (!text::same(type, "application/x-www-form-urlencoded")) return refusal{400, "invalid_request", "not a form"};
    const auto form = parse_form(body);
    if (!form) return refusal{400, "invalid_request", "malformed form or repeated parameter"};
    const std::string_view grant = value(*form, "grant_type");
    if (grant.empty()) return refusal{400, "invalid_request", "no grant_type"};
    if (grant != "client_credentials") return refusal{400, "unsupported_grant_type", "only client_credentials"};
    if (const auto no = wrong_client(head, *form, known)) return no;
    if (asks_for_more(value(*form, "scope"))) return refusal{400, "invalid_scope", "only all-apis"};
    return std::nullopt;
}

std::string host_document(const site& s) {
    return boost::json::serialize(boost::json::object{
        {"oidc_endpoint", s.workspace_url + "/oidc"},
        {"account_id", s.account_id},
        {"workspace_id", workspace_id},
        {"cloud", "AWS"},
        {"host_type", "workspace"},
        {"token_federation_default_oidc_audiences", boost::json::array{s.account_id}},
    });
}

std::string oauth_document(const site& s) {
    return boost::json::serialize(boost::json::object{
        {"issuer", s.workspace_url + "/oidc"},
        {"authorization_endpoint", s.workspace_url + "/oidc/v1/authorize"},
        {"token_endpoint", s.workspace_url + "/oidc/v1/token"},
        {"grant_types_supported", boost::json::array{"client_credentials"}},
        {"scopes_supported", boost::json::array{"all-apis"}},
        {"token_endpoint_auth_methods_supported", boost::json::array{"client_secret_basic", "client_secret_post"}},
    });
}

}  // namespace

workspace::workspace(const site& where, token_book& tokens, documents served)
    : site_(where), tokens_(tokens), served_(served) {}

workspace::page workspace::page_of(const request_head& head) noexcept {
    const std::string_view path = head.path();
    if (apps_api::covers(path)) return page::apps_api;
    if (path == "/oidc/v1/token") return head.method == "POST" ? page::token : page::none;
    if (!head.reads()) return page::none;
    if (path == "/.well-known/databricks-config") return page::host_metadata;
    return path == "/oidc/.well-known/oauth-authorization-server" ? page::oauth_metadata : page::none;
}

void workspace::answer_metadata(page which, answer& out) const {
    if (which == page::host_metadata && served_.host_metadata) return out.start(200).body(json, host_document(site_));
    if (which == page::oauth_metadata && served_.oauth_metadata)
        return out.start(200).body(json, oauth_document(site_));
    not_found(out);
}

bool workspace::answer_token(const request_head& head, std::string_view body, time_point now,
                             std::chrono::system_clock::time_point wall, answer& out) const {
    if (const auto no = wrong_request(head, body, site_)) {
        refuse(*no, out);
        return false;
    }
    const auto given = tokens_.issue(now, wall);
    const std::string text = R"({"access_token":")" + given.token + R"(","token_type":"Bearer","expires_in":)" +
                             given.expires_in + R"(,"scope":"all-apis"})";
    out.start(200).field("cache-control", "no-store").field("pragma", "no-cache").body(json, text);
    return true;
}

void workspace::not_found(answer& out) {
    out.start(404).body(json, R"({"error_code":"ENDPOINT_NOT_FOUND","message":"no such path in the emulator"})");
}

}  // namespace dbxapps::emulated
