// What has happened to the calls of each origin, as values and as OpenMetrics text.
//
// Snapshots: plain values, each number exact by itself. Shared objects: unsafe.
#pragma once

#include <dbxapps/error.hpp>
#include <dbxapps/latency_histogram.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace dbxapps {

enum class circuit_state {
    closed,     // calls go
    open,       // calls fail at once (errc::circuit_open)
    half_open,  // likewise, but for one that looks whether the app is back
};
std::string_view to_string(circuit_state) noexcept;  // "half_open"

struct origin_metrics {
    static constexpr std::size_t codes = static_cast<std::size_t>(errc::host_not_allowed) + 1;

    std::string origin;           // https://host:port
    std::uint64_t calls = 0;      // ended, whatever the outcome
    std::uint64_t failures = 0;   // of those, ended without a response
    std::uint64_t in_flight = 0;  // not ended yet
    std::uint64_t attempts = 0;   // to send a request: the first of each call that came so far, and those that follow
    std::uint64_t retries = 0;    // of those: sent again as the answer or the network said that later may help
    std::uint64_t replays = 0;    // of those: sent again with a newer token
    std::uint64_t resends = 0;    // not of those: sent again on a new connection, as a kept one had died
    std::array<std::uint64_t, 6> responses{};        // by the first digit of the status: responses[2] counts 200 to 299
    std::array<std::uint64_t, codes> failures_by{};  // by code, see failed_as
    std::uint64_t connections = 0;                   // open, those that are idle among them
    std::uint64_t idle_connections = 0;
    circuit_state circuit = circuit_state::closed;
    latency_snapshot latency;  // of the calls that ended: from entry to outcome

    std::uint64_t failed_as(errc code) const noexcept {
        const auto i = static_cast<std::size_t>(code);
        return i < codes ? failures_by[i] : 0;
    }
};

// For an endpoint that Prometheus, or whoever else reads OpenMetrics 1.0, collects from. Times are in seconds; every
// name begins with dbxapps_; a code that no call has failed with is left out.
std::string open_metrics(std::span<const origin_metrics>);
// The Content-Type of such an endpoint's answers.
constexpr std::string_view open_metrics_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";

}  // namespace dbxapps
