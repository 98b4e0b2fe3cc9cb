// Whatever credentials are there: unified authentication, as the databricks CLI and the SDKs of Databricks have it
// (facts: Databricks authentication, 1 and 2). Where this departs from the SDK for Go, README says so and why.
#pragma once

#include <dbxapps/error.hpp>
#include <dbxapps/network_options.hpp>
#include <dbxapps/profile.hpp>
#include <dbxapps/token_source.hpp>

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dbxapps {

// The first way in that gives a token: pat, basic, oauth-m2m, databricks-cli, metadata-service, github-oidc,
// azure-devops-oidc, env-oidc, file-oidc, github-oidc-azure, azure-msi, azure-client-secret, azure-cli,
// google-credentials, google-id, external-browser (if somebody has logged in with `dbxapps auth login`); or the one
// that auth_type names. Reads the environment and the file now, and makes no request. Throws dbxapps::error
// (errc::bad_config; token_unavailable: a file that cannot be read just now): a file that cannot be read, a setting
// that is malformed, two that contradict each other. When none gives one, fetches fail with a line for each way and its
// reason: errc::login_required, token_unavailable or token_refused if one that was asked said so, else bad_config.
// `warn` is told what a person should know, as user_login_options::warn is.
std::unique_ptr<token_source> unified_login(profile = profile(),
                                            std::function<void(const std::string&)> warn = nullptr);

// What unified_login() makes of the settings, for a person: never a secret. What is not known is empty.
struct login_description {
    struct attribute {
        std::string key;     // as in the file
        std::string value;   // "***" for a secret
        std::string source;  // "DATABRICKS_HOST environment variable"
    };
    struct attempt {
        std::string auth_type;
        std::string reason;  // why it was not taken
    };
    std::string auth_type;  // the way in that was taken
    std::string host, profile, account_id, workspace_id, cloud, discovery_url;
    std::vector<std::string> scopes;
    std::vector<attribute> attributes;  // those that are set
    std::vector<attempt> tried;         // those before the one that was taken
    std::string error_kind;             // "conflict"; empty: all is well
    std::string error;
};

// Logs in as unified_login() does and asks the host what it says of itself. DBXAPPS_CA_FILE as for connect().
boost::asio::awaitable<login_description> describe_login(profile = profile());
boost::asio::awaitable<login_description> describe_login(profile, network_options);
// Makes no request and runs no program: the way in is the first whose conditions hold.
login_description describe_login_offline(const profile& = profile());

}  // namespace dbxapps
