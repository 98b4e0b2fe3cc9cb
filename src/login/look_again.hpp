// A login that is missing may come at any time, by a person elsewhere: whoever misses one looks for it this often, and
// says so, instead of taking it for a refusal that stays.
#pragma once

#include <dbxapps/error.hpp>

#include <chrono>
#include <utility>

namespace dbxapps::login {

inline failure to_look_again(failure why) {
    if (why.is(errc::login_required)) why.retry_after = std::chrono::seconds(5);
    return why;
}

}  // namespace dbxapps::login
