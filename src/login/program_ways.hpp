// The ways in that run a program, on a machine to bring; see dbxapps/cli_login.hpp and dbxapps/azure_login.hpp.
#pragma once

#include <dbxapps/azure_login.hpp>
#include <dbxapps/cli_login.hpp>
#include <login/run_for_token.hpp>

#include <memory>

namespace dbxapps::login {

std::unique_ptr<token_source> databricks_cli(databricks_cli_options, machine);
std::unique_ptr<token_source> azure_cli(azure_options, machine);

}  // namespace dbxapps::login
