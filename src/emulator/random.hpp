// Random text for ids, secrets and tokens.
#pragma once

#include <cstddef>
#include <string>

namespace dbxapps::emulated {

std::string random_hex(std::size_t digits);  // throws std::runtime_error when the system has no randomness
std::string random_uuid();                   // RFC 9562 version 4

}  // namespace dbxapps::emulated
