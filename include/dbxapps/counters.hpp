// What a client has done since it was made. A snapshot; each number is exact by itself.
#pragma once

#include <cstdint>

namespace dbxapps {

struct client_counters {
    std::uint64_t calls = 0;     // ended, whatever the outcome
    std::uint64_t failures = 0;  // of those, ended without a response
    std::uint64_t in_flight = 0;
    std::uint64_t resends = 0;             // a kept connection had died; sent again on a new one
    std::uint64_t replays = 0;             // the front door had refused the token; sent again with a newer one
    std::uint64_t retries = 0;             // the answer or the network said that later may help; sent again
    std::uint64_t hedges = 0;              // the first copy took longer than most; a second was sent
    std::uint64_t connections = 0;         // opened so far
    std::uint64_t resumed_handshakes = 0;  // of those, with a resumed TLS session
    std::uint64_t failed_dials = 0;
};

}  // namespace dbxapps
