#include <oauth/host_metadata.hpp>

#include <oauth/safe_url.hpp>
#include <text/ascii.hpp>

#include <boost/json.hpp>

#include <algorithm>

namespace dbxapps::oauth {
namespace {

namespace json = boost::json;

constexpr std::string_view account_placeholder = "{account_id}";
constexpr std::size_t longest_audience = 1024;

std::string text_of(const json::object& o, std::string_view key) {
    const json::value* v = o.if_contains(key);
    return v && v->is_string() ? std::string(v->as_string()) : std::string();
}

// An id becomes part of a path: what could lead elsewhere is none.
std::string id_of(const json::object& o, std::string_view key) {
    const json::value* v = o.if_contains(key);
    if (v && v->is_int64()) return std::to_string(v->as_int64());
    if (v && v->is_uint64()) return std::to_string(v->as_uint64());
    std::string id = text_of(o, key);
    const bool sound =
        std::all_of(id.begin(), id.end(), [](char c) { return text::is_alnum(c) || c == '-' || c == '_'; });
    return sound ? id : std::string();
}

// The name as it is usually written, whatever letters were used for it; empty for any other.
template <class Names>
std::string known(std::string_view given, const Names& names) {
    for (const std::string_view name : names) {
        if (text::same(given, name)) return std::string(name);
    }
    return {};
}

// It goes into an ID token: what nobody would name an audience is none.
bool is_audience(std::string_view s) noexcept {
    return !s.empty() && s.size() <= longest_audience &&
           std::none_of(s.begin(), s.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

std::vector<std::string> audiences_of(const json::object& o, std::string_view key) {
    std::vector<std::string> out;
    const json::value* v = o.if_contains(key);
    if (!v || !v->is_array()) return out;
    for (const json::value& item : v->get_array()) {
        if (item.is_string() && is_audience(item.get_string())) out.emplace_back(item.get_string());
    }
    return out;
}

}  // namespace

std::string metadata_url_of(std::string_view normal_host) {
    return std::string(normal_host) + "/.well-known/databricks-config";
}

std::optional<host_metadata> read_host_metadata(int status, std::string_view body) {
    if (status != 200) return std::nullopt;
    boost::system::error_code ec;
    const json::value v = json::parse(body, ec);
    if (ec || !v.is_object()) return std::nullopt;
    const json::object& o = v.get_object();
    constexpr std::string_view clouds[] = {"AWS", "Azure", "GCP"};
    constexpr std::string_view types[] = {"workspace", "account", "unified"};
    host_metadata out;
    out.oidc_endpoint = text_of(o, "oidc_endpoint");
    out.account_id = id_of(o, "account_id");
    out.workspace_id = id_of(o, "workspace_id");
    out.cloud = known(text_of(o, "cloud"), clouds);
    out.host_type = known(text_of(o, "host_type"), types);
    out.audiences = audiences_of(o, "token_federation_default_oidc_audiences");
    return out;
}

std::string discovery_url_of(const host_metadata& metadata, std::string_view account_id, std::string_view host) {
    std::string endpoint = metadata.oidc_endpoint;
    if (const auto at = endpoint.find(account_placeholder); at != endpoint.npos) {
        const std::string_view account = account_id.empty() ? std::string_view(metadata.account_id) : account_id;
        if (account.empty()) return {};
        endpoint.replace(at, account_placeholder.size(), account);
    }
    if (endpoint.ends_with('/')) endpoint.pop_back();
    return is_safe(endpoint, host) ? endpoint + "/.well-known/oauth-authorization-server" : std::string();
}

}  // namespace dbxapps::oauth
