// Asks a host what it says of itself: best effort, for 5 s at most.
#pragma once

#include <oauth/host_metadata.hpp>

#include <dbxapps/transport.hpp>

#include <optional>
#include <string>

namespace dbxapps::login {

// Nothing: it was asked, and says nothing. Failures: the transport's. Cancellation: terminal.
boost::asio::awaitable<result<std::optional<oauth::host_metadata>>> ask_host_metadata(transport&,
                                                                                      std::string normal_host,
                                                                                      time_point deadline);

}  // namespace dbxapps::login
