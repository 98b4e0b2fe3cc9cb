// Counts something for as long as it lives, even if it is destroyed with its io_context.
#pragma once

#include <atomic>
#include <cstdint>

namespace dbxapps {

class in_flight {
public:
    using counter = std::atomic<std::uint64_t>;

    explicit in_flight(counter* n) noexcept : n_(n) {  // null: counts nothing
        if (n_) n_->fetch_add(1, std::memory_order_relaxed);
    }
    ~in_flight() {
        if (n_) n_->fetch_sub(1, std::memory_order_relaxed);
    }
    in_flight(const in_flight&) = delete;
    in_flight& operator=(const in_flight&) = delete;
    bool beyond(std::uint64_t most) const noexcept { return n_ && n_->load(std::memory_order_relaxed) > most; }

private:
    counter* n_;
};

}  // namespace dbxapps
