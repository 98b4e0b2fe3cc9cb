// Ways in by Microsoft Entra ID, for the API of an Azure workspace (facts: Databricks authentication, 2.8 to 2.11).
//
// Their tokens are Entra's own: Databricks Apps refuse them, and a call to an app ends as errc::not_signed_in before
// anything is sent. None of them makes a request or runs a program before its first fetch. All throw dbxapps::error
// (errc::bad_config) when something needed is missing or malformed.
#pragma once

#include <dbxapps/token_source.hpp>

#include <memory>
#include <string>

namespace dbxapps {

struct azure_options {
    // Of the workspace. May be empty if its resource id is given: then the first fetch asks Azure for it. A token_cache
    // takes the host when it is made, so a client of such a cache sends nothing to the workspace itself; give the host.
    std::string host;
    std::string workspace_resource_id;  // "/subscriptions/..."; may be empty if the host is given
    std::string tenant_id;              // looked up from the host if empty; azure_msi: not used
    std::string client_id;              // of the application or the managed identity; azure_cli: not used
    std::string environment;            // PUBLIC (default), USGOVERNMENT or CHINA, letter case apart
};

// An application with a secret ("azure-client-secret").
std::unique_ptr<token_source> azure_client_secret(azure_options, std::string client_secret);
// The managed identity of this virtual machine ("azure-msi"); with a client id, a user-assigned one.
std::unique_ptr<token_source> azure_msi(azure_options);
// Who is logged in to the Azure CLI ("azure-cli"): runs `az`, found in PATH.
std::unique_ptr<token_source> azure_cli(azure_options);
// An application that trusts a job of GitHub Actions ("github-oidc-azure"); see github_oidc().
std::unique_ptr<token_source> github_oidc_azure(azure_options, std::string request_url, std::string request_token);

}  // namespace dbxapps
