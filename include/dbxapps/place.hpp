// A number that belongs to a string beside it, as a place or a count in it, and leaves with it: moved from, it is 0.
#pragma once

#include <cstddef>
#include <utility>

namespace dbxapps::detail {

class place {
public:
    place(std::size_t at = 0) noexcept : at_(at) {}
    place(const place&) = default;
    place(place&& other) noexcept : at_(std::exchange(other.at_, 0)) {}
    place& operator=(place other) noexcept {
        at_ = other.at_;
        return *this;
    }
    operator std::size_t() const noexcept { return at_; }

private:
    std::size_t at_;
};

}  // namespace dbxapps::detail
