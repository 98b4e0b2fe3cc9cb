// Ways in without a secret of Databricks: an ID token of somebody whom the account trusts is exchanged for an access
// token (OAuth 2.0 Token Exchange, RFC 8693; facts: Databricks authentication, 2.7).
//
// Nothing is kept: the ID token is asked for anew for each exchange, as it is short-lived. None of them makes a request
// before its first fetch. All throw dbxapps::error (errc::bad_config) when something needed is missing or malformed.
//
// A host that you name gets an ID token for the audience that it asks for, which may be one that somebody else trusts:
// set `audience` where that matters.
#pragma once

#include <dbxapps/token_source.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace dbxapps {

struct federation_options {
    std::string host;                 // the workspace (or accounts console), with or without https://
    std::string client_id;            // of the service principal; empty: account-wide federation
    std::vector<std::string> scopes;  // default: all-apis
    std::string account_id;           // needed for an accounts console or a unified host, unless its metadata names it
    std::string discovery_url;        // the whole URL of the OAuth metadata document; default: found by the host
    // For whom the ID token is to be made out, where that can be chosen. Default: what the host's metadata says, then
    // the account for an accounts console, then the token endpoint.
    std::string audience;
};

// The ID token from wherever you have it. `id_token` is called on the cache's executor and must not block; its failure
// is that of the fetch.
std::unique_ptr<token_source> oidc_federation(federation_options, std::function<result<std::string>()> id_token);
// From an environment variable, read for each exchange ("env-oidc"). Unset or empty: errc::bad_config.
std::unique_ptr<token_source> env_oidc(federation_options, std::string variable = "DATABRICKS_OIDC_TOKEN");
// From a file, read for each exchange ("file-oidc"), without the blanks around it.
std::unique_ptr<token_source> file_oidc(federation_options, std::string path);
// From GitHub Actions ("github-oidc"): what ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN hold in a
// job with the permission id-token: write.
std::unique_ptr<token_source> github_oidc(federation_options, std::string request_url, std::string request_token);

// What Azure Pipelines tells a job; the names are those of its environment.
struct azure_devops_job {
    std::string access_token;    // SYSTEM_ACCESSTOKEN, which a pipeline has to map explicitly
    std::string collection_uri;  // SYSTEM_TEAMFOUNDATIONCOLLECTIONURI
    std::string project_id;      // SYSTEM_TEAMPROJECTID
    std::string plan_id;         // SYSTEM_PLANID
    std::string job_id;          // SYSTEM_JOBID
    std::string host_type;       // SYSTEM_HOSTTYPE
};
// From Azure Pipelines ("azure-devops-oidc"). Its ID tokens have an audience of their own; federation_options::audience
// is not used.
std::unique_ptr<token_source> azure_devops_oidc(federation_options, azure_devops_job);

}  // namespace dbxapps
