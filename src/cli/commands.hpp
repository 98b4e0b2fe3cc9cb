// The commands, each in a file of its own. They write to standard output and return the exit status; what they throw is
// a failure, for standard error.
#pragma once

#include <cli/options.hpp>

#include <dbxapps/network_options.hpp>

namespace dbxapps::cli {

int describe(const options&);
int token(const options&);
int login(const options&);
int logout(const options&);
int profiles(const options&);

// How hosts are reached: with the further roots that the options or DBXAPPS_CA_FILE name.
network_options network_of(const options&);
void warn(const std::string&);  // to standard error

}  // namespace dbxapps::cli
