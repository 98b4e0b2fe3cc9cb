// Actions of a pool in words, for those who read what a test or a trace says.
#include <core/pool_state.hpp>

#include <chrono>
#include <ostream>

namespace dbxapps::core {

using kind = pool_action::kind;

std::ostream& operator<<(std::ostream& out, pool_action::kind what) {
    switch (what) {
        case kind::deliver: return out << "deliver";
        case kind::dial: return out << "dial";
        case kind::drop: return out << "drop";
        case kind::rest: return out << "rest";
        case kind::refuse_failed: return out << "refuse_failed";
        case kind::refuse_overload: return out << "refuse_overload";
        case kind::refuse_closed: return out << "refuse_closed";
        case kind::wake: return out << "wake";
    }
    return out << "pool_action::kind(" << static_cast<int>(what) << ")";
}

std::ostream& operator<<(std::ostream& out, const pool_action& action) {
    const auto us = [](duration d) { return std::chrono::duration_cast<std::chrono::microseconds>(d).count(); };
    out << action.what;
    switch (action.what) {
        case kind::deliver:
            out << " connection " << action.conn << " to waiter " << action.waiter;
            return action.fresh ? out << ", fresh" : out << ", idle for " << us(action.idle_for) << " us";
        case kind::dial: return out << " " << action.dial;
        case kind::drop:
        case kind::rest: return out << " connection " << action.conn;
        case kind::wake: return out << " at " << us(action.at.time_since_epoch()) << " us";
        default: return out << " waiter " << action.waiter;
    }
}

}  // namespace dbxapps::core
