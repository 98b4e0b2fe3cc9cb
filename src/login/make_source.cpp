#include <login/make_source.hpp>

#include <config/derived.hpp>
#include <config/read_file.hpp>
#include <login/login_options_of.hpp>
#include <oauth/id_tokens.hpp>

#include <dbxapps/azure_login.hpp>
#include <dbxapps/cli_login.hpp>
#include <dbxapps/federation.hpp>
#include <dbxapps/google_login.hpp>
#include <dbxapps/login.hpp>

#include <array>
#include <utility>

namespace dbxapps::login {
namespace {

using config::attribute;
using config::settings;
using config::surroundings;
using source = std::unique_ptr<token_source>;

federation_options federation(const settings& s) {
    federation_options out;
    out.host = s.text(attribute::host);
    out.client_id = s.text(attribute::client_id);
    out.scopes = s.list(attribute::scopes);
    out.account_id = s.text(attribute::account_id);
    out.discovery_url = own_discovery_url(s);
    out.audience = s.text(attribute::audience);
    return out;
}

azure_options azure(const settings& s) {
    azure_options out;
    out.host = s.text(attribute::host);
    out.workspace_resource_id = s.text(attribute::azure_workspace_resource_id);
    out.tenant_id = s.text(attribute::azure_tenant_id);
    out.client_id = s.text(attribute::azure_client_id);
    out.environment = s.text(attribute::azure_environment);
    return out;
}

source oauth_m2m(const settings& s, const surroundings&) {
    client_credentials_options out;
    out.host = s.text(attribute::host);
    out.client_id = s.text(attribute::client_id);
    out.client_secret = s.text(attribute::client_secret);
    out.scopes = s.list(attribute::scopes);
    out.account_id = s.text(attribute::account_id);
    out.discovery_url = own_discovery_url(s);
    return client_credentials(std::move(out));
}

source by_databricks_cli(const settings& s, const surroundings& around) {
    databricks_cli_options out;
    out.host = s.text(attribute::host);
    out.profile = s.text(attribute::profile);
    if (config::host_type_of(s) == config::host_type::account) out.account_id = s.text(attribute::account_id);
    out.path = s.text(attribute::databricks_cli_path);
    auto file = config::expand_home(s.text(attribute::config_file), around.home);
    if (!file) throw error(file.error());
    out.config_file = std::move(*file);
    out.scopes = s.list(attribute::scopes);
    return databricks_cli(std::move(out));
}

source by_azure_devops(const settings& s, const surroundings& around) {
    azure_devops_job job;
    job.access_token = around.variable("SYSTEM_ACCESSTOKEN");
    job.collection_uri = around.variable("SYSTEM_TEAMFOUNDATIONCOLLECTIONURI");
    job.project_id = around.variable("SYSTEM_TEAMPROJECTID");
    job.plan_id = around.variable("SYSTEM_PLANID");
    job.job_id = around.variable("SYSTEM_JOBID");
    job.host_type = around.variable("SYSTEM_HOSTTYPE");
    return azure_devops_oidc(federation(s), std::move(job));
}

// Read anew for each exchange.
source by_variable(const settings& s, const surroundings& around) {
    const std::string& set = s.text(attribute::oidc_token_env);
    const std::string name = set.empty() ? "DATABRICKS_OIDC_TOKEN" : set;
    return oidc_federation(federation(s), [variable = around.variable, name] {
        return oauth::written_id_token(variable(name), "the environment variable " + name);
    });
}

source by_file(const settings& s, const surroundings& around) {
    auto path = config::expand_home(s.text(attribute::oidc_token_filepath), around.home);
    if (!path) throw error(path.error());
    return file_oidc(federation(s), std::move(*path));
}

source kept_login(const settings& s, const surroundings& around) {
    user_login_options out = login_options_of(s);
    out.warn = around.warn;
    return user_login(std::move(out));
}

struct row {
    std::string_view auth_type;
    source (*make)(const settings&, const surroundings&);
};
using none = const surroundings&;

constexpr std::array<row, 16> table{{
    {"pat",
     [](const settings& s, none) { return personal_access_token(s.text(attribute::host), s.text(attribute::token)); }},
    {"basic",
     [](const settings& s, none) {
         return basic_login(s.text(attribute::host), s.text(attribute::username), s.text(attribute::password));
     }},
    {"oauth-m2m", oauth_m2m},
    {"databricks-cli", by_databricks_cli},
    {"metadata-service",
     [](const settings& s, none) {
         return metadata_service(s.text(attribute::host), s.text(attribute::metadata_service_url));
     }},
    {"github-oidc",
     [](const settings& s, none) {
         return github_oidc(federation(s), s.text(attribute::actions_id_token_request_url),
                            s.text(attribute::actions_id_token_request_token));
     }},
    {"azure-devops-oidc", by_azure_devops},
    {"env-oidc", by_variable},
    {"file-oidc", by_file},
    {"github-oidc-azure",
     [](const settings& s, none) {
         return github_oidc_azure(azure(s), s.text(attribute::actions_id_token_request_url),
                                  s.text(attribute::actions_id_token_request_token));
     }},
    {"azure-msi", [](const settings& s, none) { return azure_msi(azure(s)); }},
    {"azure-client-secret",
     [](const settings& s, none) { return azure_client_secret(azure(s), s.text(attribute::azure_client_secret)); }},
    {"azure-cli", [](const settings& s, none) { return azure_cli(azure(s)); }},
    {"google-credentials",
     [](const settings& s, none) {
         return google_credentials(s.text(attribute::host), s.text(attribute::google_credentials));
     }},
    {"google-id", [](const settings& s,
                     none) { return google_id(s.text(attribute::host), s.text(attribute::google_service_account)); }},
    {"external-browser", kept_login},
}};

}  // namespace

result<source> make_source(const config::way_in& way, const settings& s, const surroundings& around) {
    try {
        for (const row& r : table) {
            if (r.auth_type == way.auth_type) return r.make(s, around);
        }
    } catch (const error& e) {
        return e.why();
    }
    return failure(errc::bad_config, "no token source for " + std::string(way.auth_type));
}

}  // namespace dbxapps::login
