// What the system says of a socket that could not be made or watched.
#pragma once

#include <dbxapps/error.hpp>

#include <cerrno>
#include <string>

namespace dbxapps::net {

// By errno. `what` failed: "connect".
inline failure system_failure(const char* what) {
    const error_code why(errno, boost::system::system_category());
    return {errc::connect_failed, std::string(what) + ": " + why.message(), why};
}

}  // namespace dbxapps::net
