// What a run came to, as text for a person or as one JSON object.
#pragma once

#include "options.hpp"

#include <dbxapps/counters.hpp>
#include <dbxapps/latency_histogram.hpp>

#include <optional>
#include <string>

namespace demo {

struct report {
    options asked;
    std::uint64_t failures = 0;
    std::uint64_t token_requests = 0;
    std::uint64_t refreshes = 0;  // tokens that came while calls ran
    dbxapps::client_counters client;
    double seconds = 0;
    double client_cpu = 0;                                                 // seconds of all client threads
    dbxapps::latency_snapshot all, cold_start, during_refresh, otherwise;  // the first is the sum of the others

    double calls_per_second() const;
    // Of the p99 during a refresh to the p99 otherwise; nothing when there were no calls of one kind. Cold calls are in
    // neither.
    std::optional<double> p99_ratio() const;
};

std::string as_text(const report&);
std::string as_json(const report&);

}  // namespace demo
