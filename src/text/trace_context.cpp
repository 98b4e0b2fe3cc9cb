#include <dbxapps/trace_context.hpp>

#include <text/encoding.hpp>

#include <algorithm>
#include <cstddef>
#include <span>

namespace dbxapps {
namespace {

constexpr std::size_t length = 55;  // of version 00, and of what later versions begin with

bool some(std::span<const std::uint8_t> id) noexcept {
    return std::any_of(id.begin(), id.end(), [](std::uint8_t byte) { return byte != 0; });
}

// An id must not be all zeros: one number of 2^64 is taken for another.
void fill(std::span<std::uint8_t> id, std::uint64_t random) noexcept {
    if (random == 0) random = 1;
    for (auto& byte : id) {
        byte = static_cast<std::uint8_t>(random >> 56);
        random <<= 8;
    }
}

int digit(char c) noexcept {  // of the standard: capitals are none
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool read_hex(std::string_view s, std::span<std::uint8_t> out) noexcept {
    for (std::size_t i = 0; i < out.size(); ++i) {
        const int high = digit(s[2 * i]), low = digit(s[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        out[i] = static_cast<std::uint8_t>(high * 16 + low);
    }
    return true;
}

}  // namespace

bool trace_context::valid() const noexcept { return some(trace_id) && some(span_id); }

std::string to_traceparent(const trace_context& c) {
    return "00-" + text::hex(c.trace_id) + "-" + text::hex(c.span_id) + (c.sampled ? "-01" : "-00");
}

std::optional<trace_context> parse_traceparent(std::string_view s) noexcept {
    if (s.size() < length || s[2] != '-' || s[35] != '-' || s[52] != '-') return std::nullopt;
    trace_context out;
    std::array<std::uint8_t, 1> version, flags;
    const bool read = read_hex(s, version) && read_hex(s.substr(3), out.trace_id) &&
                      read_hex(s.substr(36), out.span_id) && read_hex(s.substr(53), flags);
    if (!read || version[0] == 0xff || !out.valid()) return std::nullopt;
    if (s.size() > length && (version[0] == 0 || s[length] != '-')) return std::nullopt;
    out.sampled = (flags[0] & 1) != 0;
    return out;
}

trace_context child_of(const trace_context& parent, std::uint64_t random) noexcept {
    trace_context out = parent;
    fill(out.span_id, random);
    return out;
}

trace_context new_trace(std::uint64_t random1, std::uint64_t random2, std::uint64_t random3, bool sampled) noexcept {
    trace_context out;
    fill(std::span(out.trace_id).first(8), random1);
    fill(std::span(out.trace_id).last(8), random2);
    fill(out.span_id, random3);
    out.sampled = sampled;
    return out;
}

}  // namespace dbxapps
