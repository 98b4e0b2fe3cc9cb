// What the demo needs of its process: limits, descriptors, and a standard output that takes the report.
#pragma once

#include "options.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace demo {

// No core file may hold a token.
void forbid_core_files();

// Gives the closed ones of the descriptors 0 to 2 to /dev/null, so that no connection becomes the standard output.
// False: the standard output was closed.
bool keep_standard_streams();

// Throws std::system_error unless all of it, and what was printed before, has left the program.
void print(std::string_view);

std::uint64_t raise_descriptors();  // to the hard limit, which it returns

// Lowers connections and calls in flight to what so many descriptors allow, and tells what it did: empty when there was
// no need. Throws bad_option when they do not allow one connection to each app.
std::string fit(options&, std::uint64_t descriptors);

}  // namespace demo
