// Hands an event to the user's hook, if there is one. What it throws ends there: a log that is full fails no call.
#pragma once

#include <dbxapps/attempt_event.hpp>

namespace dbxapps {

inline void tell(const attempt_hook& hook, const attempt_event& event) noexcept {
    try {
        if (hook) hook(event);
    } catch (...) {
    }
}

}  // namespace dbxapps
