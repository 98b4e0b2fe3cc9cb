// Which call is next, and what became of the calls so far. Not thread-safe.
#pragma once

#include "usage.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <limits>

namespace bench {

class work {
public:
    static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
    static constexpr std::uint64_t most_failures_in_a_row = 1000;

    // Every slot calls again and again.
    static work repeat(std::uint64_t calls) { return work(none, none, calls, clock::time_point::max()); }
    static work repeat_for(double seconds) {
        const auto life = std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(seconds));
        return work(none, none, std::numeric_limits<std::uint64_t>::max(), clock::now() + life);
    }
    // One call on each slot of a range.
    static work each(std::size_t first, std::size_t end) { return work(first, end, 0, clock::time_point::max()); }

    // The slot of the next call, for one that has done with the slot `last`; at the start `last` counts from 0.
    std::size_t next(std::size_t last) noexcept {
        if (failures_in_a_row_ >= most_failures_in_a_row) return none;
        if (at_ != none) return at_ < end_ ? at_++ : none;
        if (left_ == 0 || (until_ != clock::time_point::max() && clock::now() >= until_)) return none;
        --left_;
        return last;
    }
    void succeeded(std::size_t body_bytes) noexcept {
        ++calls_;
        bytes_ += body_bytes;
        failures_in_a_row_ = 0;
    }
    void failed(const char* why) noexcept {
        static bool told = false;  // one reason is enough for a program
        if (!told) std::fprintf(stderr, "the first call that failed: %s\n", why);
        told = true;
        ++failures_;
        if (++failures_in_a_row_ == most_failures_in_a_row) std::fputs("too many calls failed in a row\n", stderr);
    }

    std::uint64_t calls() const noexcept { return calls_; }  // without the failures
    std::uint64_t failures() const noexcept { return failures_; }
    std::uint64_t bytes() const noexcept { return bytes_; }

private:
    work(std::size_t at, std::size_t end, std::uint64_t left, clock::time_point until)
        : at_(at), end_(end), left_(left), until_(until) {}

    std::size_t at_, end_;
    std::uint64_t left_;
    clock::time_point until_;
    std::uint64_t calls_ = 0, failures_ = 0, failures_in_a_row_ = 0, bytes_ = 0;
};

}  // namespace bench
