// Counts something for as long as it lives, even if it is destroyed with its io_context.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>

namespace dbxapps {

class in_flight {
public:
    using counter = std::atomic<std::uint64_t>;

    // Null: counts nothing.
    explicit in_flight(counter* n, std::uint64_t most = std::numeric_limits<std::uint64_t>::max()) noexcept : n_(n) {
        beyond_ = n_ && n_->fetch_add(1, std::memory_order_relaxed) >= most;
    }
    ~in_flight() {
        if (n_) n_->fetch_sub(1, std::memory_order_relaxed);
    }
    in_flight(const in_flight&) = delete;
    in_flight& operator=(const in_flight&) = delete;
    bool beyond() const noexcept { return beyond_; }  // `most` were there before it

private:
    counter* n_;
    bool beyond_ = false;
};

}  // namespace dbxapps
