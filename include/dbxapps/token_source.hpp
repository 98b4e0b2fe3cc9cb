// One way to get a token: asks anew every time. It never caches, never retries and keeps no clock; a token_cache does.
#pragma once

#include <dbxapps/token.hpp>
#include <dbxapps/transport.hpp>

#include <string>

namespace dbxapps {

class token_source {
public:
    virtual ~token_source() = default;
    // One try, which has to end by `deadline`: nobody else ends it. Failures: errc::token_refused, bad_config (for
    // good: not asked again for a minute and longer); the network's own codes and a failure::status of 429, 502, 503 or
    // 504 (may pass: tried again while calls wait); token_unavailable and others (fail those who wait, and the next
    // call asks again); login_required (as for good, or as what may pass for those with a failure::retry_after). Called
    // by one flight at a time, on the cache's executor. When the cache closes, exchanges of the transport end as
    // errc::closed.
    virtual boost::asio::awaitable<result<token>> fetch(transport&, time_point deadline) = 0;
    // False for a grant that its use spends (refresh_token): then nothing is tried twice in one flight. Asked when a
    // fetch has failed.
    virtual bool may_repeat() const noexcept { return true; }
    // How long one try may take at least, whatever token_options::fetch_within says: a person has to act.
    virtual duration needs() const noexcept { return {}; }
    // The cache is closed: a fetch that waits for something else than an exchange ends now, as errc::closed. Must be
    // quick; any thread, also while a fetch runs, and it may come more than once.
    virtual void close() noexcept {}
    // False for a source that has one token and no other: then a refusal by a front door replaces nothing, and the
    // calls that it does not meet go on with the token.
    virtual bool renewable() const noexcept { return true; }
    // A host besides *.databricksapps.com that the token belongs to (the workspace's), or empty.
    virtual std::string host() const { return {}; }
};

}  // namespace dbxapps
