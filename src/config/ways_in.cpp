#include <config/ways_in.hpp>

#include <config/derived.hpp>
#include <config/find_program.hpp>
#include <config/profile_file.hpp>
#include <text/ascii.hpp>
#include <text/url.hpp>

#include <algorithm>

namespace dbxapps::config {
namespace {

using obstacle = std::optional<failure>;

constexpr std::string_view help =
    "https://docs.databricks.com/en/dev-tools/auth.html#databricks-client-unified-authentication";

failure missing(std::string words) { return failed(config_error::no_credentials, std::move(words)); }

obstacle lacks_variable(const surroundings& around, const std::string& name) {
    return around.variable(name).empty() ? missing("needs the environment variable " + name) : obstacle();
}

obstacle cli_lacks(const settings& s, const surroundings& around) {
    if (s.has(attribute::scopes) && s.from(attribute::scopes).what == origin::kind::argument) {
        return failed(config_error::scopes_unsupported,
                      "custom scopes are not supported with databricks-cli auth; scopes are determined by what was "
                      "last used when logging in");
    }
    const std::string& path = s.text(attribute::databricks_cli_path);
    const auto why = around.no_program(path.empty() ? "databricks" : path);
    return why ? no_databricks_cli(*why, path) : obstacle();
}

obstacle metadata_service_lacks(const settings& s, const surroundings&) {
    if (host_type_of(s) == host_type::account) return missing("works for workspaces only");
    const auto url = text::parse_url(s.text(attribute::metadata_service_url));
    if (url && text::is_loopback(url->host)) return std::nullopt;
    return failed(config_error::bad_value, "metadata_service_url has to be a URL of this machine");
}

obstacle devops_lacks(const settings&, const surroundings& around) {
    if (around.variable("SYSTEM_ACCESSTOKEN").empty()) {
        return missing("needs the environment variable SYSTEM_ACCESSTOKEN, which a pipeline has to map explicitly");
    }
    for (const auto* name : {"SYSTEM_TEAMFOUNDATIONCOLLECTIONURI", "SYSTEM_PLANID", "SYSTEM_JOBID",
                             "SYSTEM_TEAMPROJECTID", "SYSTEM_HOSTTYPE"}) {
        if (auto why = lacks_variable(around, name)) return why;
    }
    return std::nullopt;
}

obstacle env_oidc_lacks(const settings& s, const surroundings& around) {
    const std::string& name = s.text(attribute::oidc_token_env);
    return lacks_variable(around, name.empty() ? "DATABRICKS_OIDC_TOKEN" : name);
}

obstacle azure_lacks(const settings& s, const surroundings&) {
    if (s.has(attribute::host) || s.has(attribute::azure_workspace_resource_id)) return std::nullopt;
    return missing("needs host (DATABRICKS_HOST) or azure_workspace_resource_id (DATABRICKS_AZURE_RESOURCE_ID)");
}

obstacle azure_cli_lacks(const settings& s, const surroundings& around) {
    if (auto why = azure_lacks(s, around)) return why;
    return around.no_program("az") ? missing("the Azure CLI (az) is not found") : obstacle();
}

// Not a way in of the SDK for Go. By its name it is a login that is over, or was never there; else it has to be there.
obstacle browser_lacks(const settings& s, const surroundings& around) {
    if (s.has(attribute::auth_type) || (around.has_login && around.has_login(s))) return std::nullopt;
    std::string command = "dbxapps auth login --host " + s.shown(attribute::host);
    if (s.has(attribute::profile) && s.text(attribute::profile) != default_section)
        command += " --profile " + s.shown(attribute::profile);
    if (s.has(attribute::scopes)) command += " --scopes " + s.shown(attribute::scopes);
    return missing("nobody has logged in with: " + command);
}

constexpr std::array<way_in, 16> table{{
    {"pat", false, "host token"},
    {"basic", false, "host username password"},
    {"oauth-m2m", true, "host client_id client_secret"},
    {"databricks-cli", true, "host", {}, cli_lacks},
    {"metadata-service", true, "host metadata_service_url", {}, metadata_service_lacks},
    {"github-oidc", true, "host actions_id_token_request_url actions_id_token_request_token"},
    {"azure-devops-oidc", true, "host", {}, devops_lacks},
    {"env-oidc", true, "host", {}, env_oidc_lacks},
    {"file-oidc", true, "host oidc_token_filepath"},
    {"github-oidc-azure", false, "host azure_client_id actions_id_token_request_url actions_id_token_request_token",
     cloud::azure},
    {"azure-msi", false, "azure_use_msi", cloud::azure, azure_lacks},
    {"azure-client-secret", false, "azure_client_id azure_client_secret azure_tenant_id", cloud::azure, azure_lacks},
    {"azure-cli", false, "", cloud::azure, azure_cli_lacks},
    {"google-credentials", false, "host google_credentials", cloud::gcp},
    {"google-id", false, "host google_service_account", cloud::gcp},
    {"external-browser", true, "host", {}, browser_lacks},
}};

std::string name_of(const attribute_row& row) { return std::string(row.key) + " (" + std::string(row.variable) + ")"; }

obstacle why_not(const way_in& way, const settings& s, const surroundings& around) {
    std::string unset;
    for (const auto& key : items_of(way.needs)) {
        const attribute_row* row = find_attribute(key);
        if (!s.has(row->id)) unset += (unset.empty() ? "needs " : ", ") + name_of(*row);
    }
    if (!unset.empty()) return missing(unset);
    if (way.only_on && cloud_of(s) != *way.only_on) {
        return missing("works for " + std::string(to_string(*way.only_on)) + " only, and the host is not there");
    }
    return way.lacks ? way.lacks(s, around) : std::nullopt;
}

}  // namespace

const std::array<way_in, 16>& ways_in() noexcept { return table; }

result<std::vector<way_in_verdict>> judge_ways_in(const settings& s, const surroundings& around) {
    const std::string& wanted = s.text(attribute::auth_type);
    std::vector<way_in_verdict> out;
    std::string known;
    for (const way_in& way : table) {
        if (wanted.empty() || way.auth_type == wanted) out.push_back({&way, why_not(way, s, around)});
        known += (known.empty() ? "" : ", ") + std::string(way.auth_type);
    }
    if (!out.empty()) return out;
    return explained(
        "default auth",
        failed(config_error::unknown_auth_type,
               "auth type \"" + text::printable(wanted, 40) + "\" not found, please check " + std::string(help) +
                   " for a list of supported auth types: " + known + ". " + s.source(attribute::auth_type)),
        s);
}

bool hangs_on_cloud(const way_in& way, const settings& s, const surroundings& around) {
    const std::string& host = s.text(attribute::host);
    const bool untold = !host.empty() && !cloud_named_by(host) && !s.has(attribute::cloud) &&
                        !s.has(attribute::azure_workspace_resource_id);
    if (!way.only_on || !untold) return false;
    settings there = s;
    there.set(attribute::cloud, to_string(*way.only_on));
    return !why_not(way, there, around);
}

// The words of the SDKs, then what they keep to themselves.
failure no_way_in(const resolved& r, const std::vector<way_in_verdict>& verdicts) {
    failure out = explained("default auth",
                            missing("cannot configure default credentials, please check " + std::string(help) +
                                    " to configure credentials for your preferred authentication method"),
                            r.values);
    if (!r.absent_file.empty()) out.detail += ". There is no file " + text::printable(r.absent_file, 200);
    for (const auto& [way, why] : verdicts) {
        if (why) out.detail += "\n  " + std::string(way->auth_type) + ": " + why->detail;
    }
    return out;
}

result<const way_in*> choose_way_in(const resolved& r, const surroundings& around) {
    const auto verdicts = judge_ways_in(r.values, around);
    if (!verdicts) return verdicts.error();
    const auto first =
        std::find_if(verdicts->begin(), verdicts->end(), [](const way_in_verdict& v) { return !v.why_not; });
    if (first != verdicts->end()) return first->way;
    if (!r.values.has(attribute::auth_type)) return no_way_in(r, *verdicts);
    const auto& [way, why] = verdicts->front();
    return explained(std::string(way->auth_type) + " auth", *why, r.values);
}

}  // namespace dbxapps::config
