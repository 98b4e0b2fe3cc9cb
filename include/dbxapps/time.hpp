// The clock of the library: monotonic, so that a change of the wall clock never expires a token or a deadline.
#pragma once

#include <chrono>

namespace dbxapps {

using clock = std::chrono::steady_clock;
using time_point = clock::time_point;
using duration = clock::duration;

}  // namespace dbxapps
