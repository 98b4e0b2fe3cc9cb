// When a second copy of a request is sent because the first takes longer than most did, per origin. First answer wins.
#pragma once

#include <cstdint>

namespace dbxapps {

struct hedge_options {
    // Only for requests that may be repeated, are not streamed and bring no body source, and not where max_rate is set.
    // The copy that loses costs its connection: HTTP/1.1 cannot take a request back.
    bool on = false;
    // The copy goes when the first has taken longer than this share of the calls so far. 0.5 to 0.999.
    double quantile = 0.95;
    // At most so many copies for each call, in the long run. 0 to 1.
    double max_extra = 0.05;
    // Not before so many calls have ended: fewer show no quantile. 10 to 1000000.
    std::uint32_t min_calls = 100;
};

}  // namespace dbxapps
