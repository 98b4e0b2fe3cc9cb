#include <oauth/az_output.hpp>

#include <config/config_error.hpp>
#include <oauth/json_member.hpp>
#include <oauth/program_output.hpp>
#include <text/ascii.hpp>

#include <boost/json.hpp>

#include <cmath>

namespace dbxapps::oauth {
namespace {

namespace json = boost::json;
using config::config_error;

constexpr std::string_view program = "the Azure CLI";

std::string text_of(const json::object& o, std::string_view key) {
    const json::value* v = o.if_contains(key);
    return v && v->is_string() ? std::string(v->get_string()) : std::string();
}

// "/subscriptions/<it>/..."
std::string_view subscription_in(std::string_view resource_id) {
    for (int i = 0; i < 2; ++i) {
        const auto slash = resource_id.find('/');
        if (slash == resource_id.npos) return {};
        resource_id.remove_prefix(slash + 1);
    }
    return resource_id.substr(0, resource_id.find('/'));
}

}  // namespace

std::vector<std::string> az_account_arguments() { return {"account", "show", "--output", "json"}; }

az_user read_az_account(std::string_view text) {
    boost::system::error_code ec;
    const json::value account = json::parse(text, ec);
    const auto* user = ec || !account.is_object() ? nullptr : account.get_object().if_contains("user");
    if (!user || !user->is_object()) return az_user::person;
    const json::object& who = user->get_object();
    if (text_of(who, "type") != "servicePrincipal") return az_user::person;
    const std::string name = text_of(who, "name");
    const bool managed = name == "systemAssignedIdentity" || name == "userAssignedIdentity";
    return managed ? az_user::managed_identity : az_user::service_principal;
}

std::vector<std::vector<std::string>> az_token_arguments(const std::string& resource, az_user user,
                                                         const std::string& tenant,
                                                         std::string_view workspace_resource_id) {
    const std::vector<std::string> plain = {"account", "get-access-token", "--resource", resource, "--output", "json"};
    const auto with = [&](std::string flag, std::string value) {
        auto out = plain;
        out.push_back(std::move(flag));
        out.push_back(std::move(value));
        return out;
    };
    const std::string subscription(subscription_in(workspace_resource_id));
    if (user != az_user::managed_identity && !tenant.empty()) {
        if (user == az_user::service_principal) return {with("--tenant", tenant), plain};
        return {with("--tenant", tenant)};
    }
    if (!subscription.empty()) return {with("--subscription", subscription), plain};
    return {plain};
}

result<token> read_az_token(std::string_view text, std::int64_t now, const zone& local) {
    const std::string access_token = string_member(text, "accessToken");
    const std::string type = string_member(text, "tokenType");
    std::int64_t expires_at = now + 1;
    if (!access_token.empty()) {
        const auto epoch = number_member(text, "expires_on");
        const auto at = read_expiry(string_member(text, "expiresOn"), local);
        const bool sound = epoch && *epoch > 0 && *epoch < 1e12;
        if (!sound && !at) return unusable_output(program, "does not tell when the token ends: " + at.error().detail);
        expires_at = sound ? static_cast<std::int64_t>(*epoch) : at->seconds;
    }
    return program_token(program, access_token, type, expires_at, now);
}

failure az_failure(std::string_view ended, std::string_view err) {
    const std::string words = said(err);
    const std::string detail =
        "cannot get access token: " + (words.empty() ? "az " + std::string(ended) + " and gave no reason" : words);
    if (err.find("No subscription found") != err.npos) return config::failed(config_error::no_credentials, detail);
    if (err.find("az login") != err.npos) return config::failed(config_error::login_required, detail);
    return {errc::token_unavailable, detail};
}

}  // namespace dbxapps::oauth
