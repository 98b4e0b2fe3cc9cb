// When calls to an app that is down fail at once (errc::circuit_open) instead of waiting for it.
//
// Down is: no connection, none that lasts, no answer within a second or more, or the front door saying that nothing
// answers behind it. Whatever the app says itself is up. Per origin; other apps do not notice.
#pragma once

#include <dbxapps/time.hpp>

#include <chrono>

namespace dbxapps {

struct circuit_options {
    // So many attempts in a row, over at least so long, open it: a burst of lost connections is no outage. 0 to
    // 1000000. 0: never.
    int failures = 20;
    duration over = std::chrono::seconds(1);
    // Then calls fail at once for this long; after that one call is let through, and if that fails, too, it is twice as
    // long, up to most_open. More than 0.
    duration first_open = std::chrono::seconds(1);
    duration most_open = std::chrono::seconds(30);
};

}  // namespace dbxapps
