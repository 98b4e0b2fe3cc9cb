// The programs `az` and `databricks` as `fakes` of auth-cases.json describes them: scripts of sh that run nothing but
// date.
#pragma once

#include <conformance/auth_cases.hpp>

#include <cstddef>
#include <string>

namespace dbxapps::conformance {

constexpr std::size_t smallest_cli = 1024 * 1024;  // what is smaller is taken for the legacy CLI

// Those that the case requires.
void write_fake_programs(const auth_case&, const std::string& directory);
void write_program(const std::string& path, std::string script, std::size_t padded_to = 0);

}  // namespace dbxapps::conformance
