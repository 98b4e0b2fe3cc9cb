#include <core/hedge.hpp>

#include <algorithm>

namespace dbxapps::core {

std::optional<duration> hedge::begin(const latency_histogram& so_far) noexcept {
    budget_ = std::min(budget_ + rules_.max_extra, burst);
    if (calls_++ % look_again == 0) {
        const auto known = so_far.snapshot();
        after_ = known.count() < rules_.min_calls ? std::nullopt : std::optional(known.quantile(rules_.quantile));
    }
    return after_;
}

bool hedge::spend() noexcept {
    if (budget_ < 1) return false;
    budget_ -= 1;
    return true;
}

}  // namespace dbxapps::core
