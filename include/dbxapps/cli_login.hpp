// Ways in by what is on this machine already: the databricks CLI, and an editor's metadata service (facts: Databricks
// authentication, 2.4 and 2.6).
#pragma once

#include <dbxapps/token_source.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace dbxapps {

struct databricks_cli_options {
    std::string host;                 // the workspace (or accounts console), with or without https://
    std::string profile;              // of the CLI; its name is passed on to versions that know of it
    std::string account_id;           // for an accounts console
    std::string path;                 // of the program, or its name in PATH. Default: databricks
    std::string config_file;          // with the profile, if not the CLI's own: it gets DATABRICKS_CONFIG_FILE
    std::vector<std::string> scopes;  // if not empty: the login has to have exactly these, offline_access apart
    // For one fetch: the program is ended then. 100 ms to 10 min.
    duration within = std::chrono::seconds(60);
};

// Who is logged in to the databricks CLI, 0.100 or newer: runs `databricks auth token`, without a shell, in a process
// group of its own that is ended with the fetch. DATABRICKS_CONFIG_PROFILE is kept from it. Failures:
// errc::login_required, bad_config (there is no such program, or it is too old), token_unavailable, timed_out, with the
// program's words on stderr.
std::unique_ptr<token_source> databricks_cli(databricks_cli_options);

// A local service that hands its own login to programs it starts. `url`: of this machine.
std::unique_ptr<token_source> metadata_service(std::string host, std::string url);

}  // namespace dbxapps
