#include <config/derived.hpp>

#include <text/ascii.hpp>

#include <algorithm>

namespace dbxapps::config {

std::string_view to_string(host_type t) noexcept { return t == host_type::account ? "account" : "workspace"; }

host_type host_type_of(const settings& s) noexcept {
    return is_account_host(s.text(attribute::host)) ? host_type::account : host_type::workspace;
}

cloud cloud_of(const settings& s) {
    if (s.has(attribute::azure_workspace_resource_id)) return cloud::azure;
    for (const cloud c : {cloud::aws, cloud::azure, cloud::gcp}) {
        if (text::same(s.text(attribute::cloud), to_string(c))) return c;
    }
    return cloud_of_host(s.text(attribute::host));
}

std::vector<std::string> scopes_of(const settings& s) {
    auto out = s.list(attribute::scopes);
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    if (out.empty()) out.emplace_back("all-apis");
    return out;
}

std::vector<std::string> login_scopes_of(const settings& s) {
    auto out = scopes_of(s);
    if (!s.flag(attribute::disable_oauth_refresh_token)) out.emplace_back("offline_access");
    return out;
}

}  // namespace dbxapps::config
