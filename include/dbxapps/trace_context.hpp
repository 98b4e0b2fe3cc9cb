// What a trace of requests is continued by, as W3C Trace Context has it (Recommendation of 23 November 2021).
//
// Plain values and pure functions: random numbers are arguments, from a generator that repeats nowhere else.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dbxapps {

struct trace_context {
    std::array<std::uint8_t, 16> trace_id{};  // of everything that one request of a user led to
    std::array<std::uint8_t, 8> span_id{};    // of one step of it; the standard's parent-id
    bool sampled = false;                     // whoever sent it may have recorded it

    bool valid() const noexcept;  // neither id is all zeros
    bool operator==(const trace_context&) const = default;
};

std::string to_traceparent(const trace_context&);  // "00-<32 hex digits>-<16 hex digits>-01", or 00 at the end
// Nothing for what the standard calls invalid. What a later version has behind is passed over, and not passed on.
std::optional<trace_context> parse_traceparent(std::string_view) noexcept;
// A further step of the same trace.
trace_context child_of(const trace_context&, std::uint64_t random) noexcept;
trace_context new_trace(std::uint64_t random1, std::uint64_t random2, std::uint64_t random3, bool sampled) noexcept;

}  // namespace dbxapps
