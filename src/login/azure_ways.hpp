// The ways in by Microsoft Entra ID with a clock to bring; see <dbxapps/azure_login.hpp>.
#pragma once

#include <dbxapps/azure_login.hpp>
#include <login/wall_clock.hpp>

#include <memory>
#include <string>

namespace dbxapps::login {

std::unique_ptr<token_source> azure_client_secret(azure_options, std::string client_secret, wall_clock);
std::unique_ptr<token_source> azure_msi(azure_options, wall_clock);
std::unique_ptr<token_source> github_oidc_azure(azure_options, std::string request_url, std::string request_token,
                                                wall_clock);

}  // namespace dbxapps::login
