// One way to get a token: asks anew every time. It never caches, never retries and keeps no clock; a token_cache does.
#pragma once

#include <dbxapps/token.hpp>
#include <dbxapps/transport.hpp>

#include <string>

namespace dbxapps {

class token_source {
public:
    virtual ~token_source() = default;
    // One try. Failures: errc::token_refused (for good), token_unavailable and the network's own codes (may pass),
    // login_required, bad_config. Called by one flight at a time. Cancellation: when the cache closes.
    virtual boost::asio::awaitable<result<token>> fetch(transport&, time_point deadline) = 0;
    // False for a grant that its use spends (refresh_token): then nothing is tried twice in one flight.
    virtual bool may_repeat() const noexcept { return true; }
    // A host besides *.databricksapps.com that the token belongs to (the workspace's), or empty.
    virtual std::string host() const { return {}; }
};

}  // namespace dbxapps
