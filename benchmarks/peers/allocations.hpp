// How often this process asked for memory since the last start of counting, without what OpenSSL asked for.
#pragma once

#include <cstdint>

namespace bench {

void count_allocations_from_now_on() noexcept;
std::uint64_t allocations_counted() noexcept;

}  // namespace bench
