#include <core/circuit.hpp>

#include <algorithm>
#include <limits>

namespace dbxapps::core {

bool circuit::let_through(time_point now) noexcept {
    if (!open_) return true;
    if (now < until_) return false;
    probing_ = true;
    until_ = now + open_for_;
    return true;
}

void circuit::went_well() noexcept {
    open_ = probing_ = false;
    failures_ = 0;
}

void circuit::went_badly(time_point now) noexcept {
    if (rules_.failures == 0) return;
    if (failures_ == 0) first_ = now;
    if (failures_ < std::numeric_limits<int>::max()) ++failures_;
    if (open_) {
        if (!probing_) return;  // it began before
        open_for_ = std::min(open_for_ * 2, rules_.most_open);
    } else {
        if (failures_ < rules_.failures || now - first_ < rules_.over) return;
        open_for_ = rules_.first_open;
    }
    open_ = true;
    probing_ = false;
    until_ = now + open_for_;
}

}  // namespace dbxapps::core
