#include <oauth/discovery.hpp>

#include <config/host.hpp>
#include <oauth/json_member.hpp>
#include <oauth/safe_url.hpp>
#include <text/url.hpp>

#include <utility>

namespace dbxapps::oauth {
namespace {

constexpr std::string_view metadata_path = "/.well-known/oauth-authorization-server";

}  // namespace

discovery::discovery(issuer who) : issuer_(std::move(who)) {
    if (issuer_.discovery_url.empty()) {
        ask(stage::metadata, metadata_url_of(issuer_.host), std::chrono::seconds(5));
    } else if (is_safe(issuer_.discovery_url)) {
        ask(stage::explicit_document, issuer_.discovery_url);
    } else {
        fail(errc::bad_config, "discovery_url has to be an https URL: what is read in the clear may have been changed");
    }
}

void discovery::answered(int status, std::string_view body) {
    if (stage_ == stage::metadata) {
        metadata_ = read_host_metadata(status, body);
        if (metadata_ && issuer_.account_id.empty()) issuer_.account_id = metadata_->account_id;
        return after_metadata();
    }
    if (status == 200 && use_document(body)) return;
    document_missing(status, nullptr);
}

void discovery::unreachable(const failure& why) {
    if (stage_ == stage::metadata) return after_metadata();
    document_missing(0, &why);
}

void discovery::after_metadata() {
    const std::string named =
        metadata_ ? discovery_url_of(*metadata_, issuer_.account_id, issuer_.host) : std::string();
    if (named.empty()) return after_named_document();
    // The same address as the well-known one: asked once, and answered by that rule.
    ask(named == well_known_url() ? stage::well_known : stage::named_document, named);
}

void discovery::after_named_document() {
    if ((is_account() || is_unified()) && issuer_.account_id.empty()) {
        return fail(errc::bad_config, "the host " + issuer_.host + " serves whole accounts: set account_id too");
    }
    const std::string base = issuer_.host + "/oidc/accounts/" + issuer_.account_id;
    if (is_account()) return done(base + "/v1/token", base + "/v1/authorize");
    if (is_unified()) return ask(stage::unified_document, base + std::string(metadata_path));
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
            fail(errc::token_unavailable,
                 "the OAuth metadata at " + text::shown_url(step_.url) + " cannot be used: " + came);
            step_.why.status = why ? why->status : status;
            // A handshake that broke off says so by its cause: it may work the next time.
            if (why) step_.why.cause = why->is(errc::tls_failed) && why->cause ? errc::connection_lost : why->code;
    }
}

bool discovery::use_document(std::string_view body) {
    const std::string endpoint = string_member(body, "token_endpoint");
    if (endpoint.empty()) return false;
    if (is_safe(endpoint, step_.url)) {
        const std::string authorize = string_member(body, "authorization_endpoint");
        done(endpoint, is_safe(authorize, step_.url) ? authorize : std::string());
    } else {
        fail(errc::bad_config, "the OAuth metadata at " + text::shown_url(step_.url) + " names the token endpoint '" +
                                   text::shown_url(endpoint) + "', which is not https: no secret is sent there");
    }
    return true;
}

std::string discovery::audience() const {
    if (metadata_ && !metadata_->audiences.empty()) return metadata_->audiences.front();
    const bool whole_account = is_account() || is_unified() || (metadata_ && metadata_->workspace_id.empty());
    return whole_account && !issuer_.account_id.empty() ? issuer_.account_id : step_.url;
}

bool discovery::is_account() const {
    const bool said = metadata_ && !metadata_->host_type.empty();
    return said ? metadata_->host_type == "account" : config::is_account_host(issuer_.host);
}

bool discovery::is_unified() const { return metadata_ && metadata_->host_type == "unified"; }

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
