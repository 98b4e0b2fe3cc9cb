// What the ways in that run a program have in common; see dbxapps/cli_login.hpp and dbxapps/azure_login.hpp.
#pragma once

#include <login/wall_clock.hpp>
#include <net/subprocess.hpp>

#include <dbxapps/token.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dbxapps::login {

// The machine as such a way in sees it, so that tests bring their own.
struct machine {
    std::string path_variable;                              // PATH
    std::optional<std::vector<std::string>> environment{};  // of programs; nothing: that of the process
    wall_clock now = std::chrono::system_clock::now;
};
machine this_machine();

// The environment without one variable.
std::vector<std::string> environment_without(const std::string& name, const machine&);

// What ended at its deadline: the command, and what it had said by then.
failure not_in_time(const net::program_end&, const std::string& command);

// The token in what `command` said, as `read` has it. It failed: as `explain` has it, by how it ended and its words on
// stderr. Where nobody told how it ended, what it said decides. Failures of its own: errc::timed_out, bad_config.
result<token> token_in(const net::program_end&, const std::string& command,
                       const std::function<result<token>(std::string_view out)>& read,
                       const std::function<failure(std::string_view ended, std::string_view err)>& explain);

}  // namespace dbxapps::login
