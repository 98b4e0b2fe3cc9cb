// The time of day as a function, so that tests bring their own.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

namespace dbxapps::login {

using wall_clock = std::function<std::chrono::system_clock::time_point()>;

inline std::int64_t seconds_by(const wall_clock& now) {  // since 1970
    return std::chrono::duration_cast<std::chrono::seconds>(now().time_since_epoch()).count();
}

}  // namespace dbxapps::login
