#include <oauth/discovery.hpp>

#include <config/host.hpp>
#include <oauth/json_member.hpp>
#include <text/ascii.hpp>
#include <text/url.hpp>

#include <utility>

namespace dbxapps::oauth {
namespace {

constexpr std::string_view metadata_path = "/.well-known/oauth-authorization-server";
constexpr std::string_view account_placeholder = "{account_id}";

bool is_safe(std::string_view url) {
    const auto parsed = text::parse_url(url);
    return parsed && (parsed->secure || text::is_loopback(parsed->host));
}

}  // namespace

discovery::discovery(issuer who) : issuer_(std::move(who)) {
    if (issuer_.discovery_url.empty()) {
        ask(stage::metadata, issuer_.host + "/.well-known/databricks-config", std::chrono::seconds(5));
    } else if (is_safe(issuer_.discovery_url)) {
        ask(stage::explicit_document, issuer_.discovery_url);
    } else {
        fail(errc::bad_config, "discovery_url has to be an https URL: what is read in the clear may have been changed");
    }
}

void discovery::answered(int status, std::string_view body) {
    if (stage_ == stage::metadata) {
        if (status == 200) read_metadata(body);
        return after_metadata();
    }
    if (status == 200 && use_document(body)) return;
    document_missing(status, nullptr);
}

void discovery::unreachable(const failure& why) {
    if (stage_ == stage::metadata) return after_metadata();
    document_missing(0, &why);
}

void discovery::read_metadata(std::string_view body) {
    if (issuer_.account_id.empty()) issuer_.account_id = string_member(body, "account_id");
    host_type_ = text::lowered(string_member(body, "host_type"));
    if (host_type_ != "workspace" && host_type_ != "account" && host_type_ != "unified") host_type_.clear();
    std::string endpoint = string_member(body, "oidc_endpoint");
    if (const auto at = endpoint.find(account_placeholder); at != endpoint.npos) {
        if (issuer_.account_id.empty()) return;
        endpoint.replace(at, account_placeholder.size(), issuer_.account_id);
    }
    if (endpoint.ends_with('/')) endpoint.pop_back();
    if (!endpoint.empty() && is_safe(endpoint)) named_url_ = endpoint + std::string(metadata_path);
}

void discovery::after_metadata() {
    if (named_url_.empty()) return after_named_document();
    // The same address as the well-known one: asked once, and answered by that rule.
    ask(named_url_ == well_known_url() ? stage::well_known : stage::named_document, named_url_);
}

void discovery::after_named_document() {
    const bool account = host_type_.empty() ? config::is_account_host(issuer_.host) : host_type_ == "account";
    const bool unified = host_type_ == "unified";
    if ((account || unified) && issuer_.account_id.empty()) {
        return fail(errc::bad_config, "the host " + issuer_.host + " serves whole accounts: set account_id too");
    }
    const std::string base = issuer_.host + "/oidc/accounts/" + issuer_.account_id;
    if (account) return done(base + "/v1/token", base + "/v1/authorize");
    if (unified) return ask(stage::unified_document, base + std::string(metadata_path));
    ask(stage::well_known, well_known_url());
}

void discovery::document_missing(int status, const failure* why) {
    const std::string came =
        why ? why->detail : "it answered with status " + std::to_string(status) + " and no usable token_endpoint";
    switch (stage_) {
        case stage::named_document: return after_named_document();
        case stage::well_known:
            if (status == 404) {
                return fail(errc::bad_config, "databricks OAuth is not supported for this host: " + issuer_.host +
                                                  " has no OAuth metadata; check that it is the workspace's own URL");
            }
            return done(issuer_.host + "/oidc/v1/token", issuer_.host + "/oidc/v1/authorize", true);
        default:
            fail(errc::token_unavailable, "the OAuth metadata at " + step_.url + " cannot be used: " + came);
            step_.why.status = why ? why->status : status;
            if (why) step_.why.cause = why->code;
    }
}

bool discovery::use_document(std::string_view body) {
    const std::string endpoint = string_member(body, "token_endpoint");
    if (endpoint.empty()) return false;
    if (is_safe(endpoint)) {
        const std::string authorize = string_member(body, "authorization_endpoint");
        done(endpoint, is_safe(authorize) ? authorize : std::string());
    } else {
        fail(errc::bad_config, "the OAuth metadata at " + step_.url + " names the token endpoint '" +
                                   text::printable(endpoint, 200) + "', which is not https: no secret is sent there");
    }
    return true;
}

std::string discovery::well_known_url() const { return issuer_.host + "/oidc" + std::string(metadata_path); }

void discovery::ask(stage s, std::string url, std::optional<duration> within) {
    stage_ = s;
    step_ = {discovery_step::kind::ask, std::move(url), {}, within, {}, false};
}

void discovery::done(std::string endpoint, std::string authorize_url, bool guessed) {
    step_ = {discovery_step::kind::done, std::move(endpoint), std::move(authorize_url), std::nullopt, {}, guessed};
}

void discovery::fail(errc code, std::string words) {
    std::string asked = step_.url;
    step_ = {discovery_step::kind::fail, std::move(asked), {}, std::nullopt, failure(code, std::move(words)), false};
}

}  // namespace dbxapps::oauth
