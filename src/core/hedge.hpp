// When may a second copy of a request go? A pure machine: a budget of copies, and a time that is looked up seldom.
#pragma once

#include <dbxapps/hedge_options.hpp>
#include <dbxapps/latency_histogram.hpp>
#include <dbxapps/time.hpp>

#include <cstdint>
#include <optional>

namespace dbxapps::core {

class hedge {
public:
    explicit hedge(const hedge_options& rules) noexcept : rules_(rules) {}

    // A call begins: how long its first copy has before a second may go. Nothing: no second one.
    std::optional<duration> begin(const latency_histogram& so_far) noexcept;
    bool spend() noexcept;  // the second copy goes now: true, if the budget allows

private:
    static constexpr std::uint64_t look_again = 64;  // calls between two looks at the histogram
    static constexpr double burst = 10;

    hedge_options rules_;
    double budget_ = 0;
    std::uint64_t calls_ = 0;
    std::optional<duration> after_;
};

}  // namespace dbxapps::core
