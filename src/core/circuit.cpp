#include <core/circuit.hpp>

#include <algorithm>
#include <limits>

namespace dbxapps::core {

bool circuit::let_through(time_point now) noexcept {
    if (!open_) return true;
    if (now < until_) return false;
    looking_ = true;
    until_ = now + rules_.most_open;
    return true;
}

void circuit::went_well() noexcept {
    open_ = looking_ = false;
    failures_ = 0;
}

void circuit::went_badly(time_point began, time_point now) noexcept {
    if (rules_.failures == 0) return;
    if (failures_ == 0) first_ = now;
    if (failures_ < std::numeric_limits<int>::max()) ++failures_;
    if (open_) {
        if (!looking_ || began < opened_) return;
        open_for_ = std::min(open_for_ * 2, rules_.most_open);
    } else {
        if (failures_ < rules_.failures || now - first_ < rules_.over) return;
        open_for_ = rules_.first_open;
    }
    open_ = true;
    looking_ = false;
    opened_ = now;
    until_ = now + open_for_;
}

void circuit::said_nothing(time_point began, time_point now) noexcept {
    if (!looking_ || began < opened_) return;
    looking_ = false;
    until_ = now;
}

}  // namespace dbxapps::core
