// Counts something for as long as it lives, even if it is destroyed with its io_context.
#pragma once

#include <atomic>
#include <cstdint>

namespace dbxapps {

class in_flight {
public:
    in_flight(std::atomic<std::uint64_t>& n, bool counts, std::uint64_t most) : n_(n), counts_(counts) {
        const auto before = n_.fetch_add(counts ? 1 : 0, std::memory_order_relaxed);
        too_many_ = counts && before >= most;
    }
    bool too_many() const noexcept { return too_many_; }
    ~in_flight() { n_.fetch_sub(counts_ ? 1 : 0, std::memory_order_relaxed); }
    in_flight(const in_flight&) = delete;
    in_flight& operator=(const in_flight&) = delete;

private:
    std::atomic<std::uint64_t>& n_;
    const bool counts_;
    bool too_many_;
};

}  // namespace dbxapps
