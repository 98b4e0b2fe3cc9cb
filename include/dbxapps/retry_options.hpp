// When a call is sent again because the answer or the network says that later may help.
//
// That is: after 429, 502, 503, 504 or a lost connection for requests that may repeat, and for every request when no
// connection could be made (refused, reset, or not in time). Always within the call's deadline, and never before a
// Retry-After (RFC 9110 section 10.2.3).
#pragma once

#include <dbxapps/time.hpp>

#include <chrono>

namespace dbxapps {

struct retry_options {
    // Per call, 0 to 20. 0: the first answer is the outcome.
    int max_retries = 3;
    // The wait before the first retry is drawn from 0 to this; it doubles with each. 0 or more, at most max_delay.
    duration first_delay = std::chrono::milliseconds(100);
    duration max_delay = std::chrono::seconds(10);
    // An outage is not multiplied: per origin, each call that goes well earns this much of a retry (0 to 1), and so
    // many can be saved up (0 to 1000), which is also what a new client begins with.
    double budget_ratio = 0.1;
    double budget_burst = 10.0;
};

}  // namespace dbxapps
