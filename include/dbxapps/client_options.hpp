// Settings of a client, each with its unit, range and consequence. Validated in one place, when the client is made.
#pragma once

#include <dbxapps/attempt_event.hpp>
#include <dbxapps/circuit_options.hpp>
#include <dbxapps/hedge_options.hpp>
#include <dbxapps/network_options.hpp>
#include <dbxapps/retry_options.hpp>
#include <dbxapps/time.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace dbxapps {

struct client_options {
    network_options network;
    // The whole call, unless the request says otherwise. More than 0.
    duration within = std::chrono::seconds(120);
    // How long a read of a streamed body may wait for bytes, unless the request says otherwise. More than 0. Too short:
    // a stream that is only quiet ends as errc::timed_out.
    duration stream_idle_within = std::chrono::seconds(60);
    // Connections per origin (scheme, host, port). 1 to 65535. Calls beyond it wait in the order they came.
    std::uint32_t max_connections = 64;
    // Of those, how many are being opened at once. 1 to 65535; no more than max_connections ever are. More: a faster
    // cold start, a harder burst.
    std::uint32_t max_dials = 16;
    // Calls that may wait for a connection, per origin. 1 or more. More calls end as errc::overloaded at once.
    std::size_t max_waiting = std::numeric_limits<std::size_t>::max();
    // Calls at once, to all origins together, streams that are not over among them. 1 or more. More calls end as
    // errc::overloaded at once.
    std::uint64_t max_in_flight = std::numeric_limits<std::uint64_t>::max();
    // Requests per second and origin, those that are sent again among them. 0: no limit; else 0.001 to 1000000. A call
    // waits for its turn; when that would come behind its deadline, it ends as errc::overloaded at once. A turn that
    // was given is used up, also when its call is cancelled. What a dead connection makes to be sent again needs none.
    double max_rate = 0;
    // So many may go at once after a quiet time. 1 to 1000000.
    double max_burst = 1;
    retry_options retry;
    circuit_options circuit;
    hedge_options hedge;
    // A connection that lay idle for longer is not used again. 0: none is kept. The front door is thought to close
    // after 30 s; longer than that and calls run into connections that are just being closed.
    duration idle_within = std::chrono::seconds(25);
    // Asks for gzip and deflate, and unpacks what comes so: the response is as if it had been sent plain. Not for a
    // request with an Accept-Encoding of its own, whose answer is left as it is.
    bool unpack = true;
    // A larger response body, packed or unpacked, ends as errc::response_too_large. Not for streams. Bytes.
    std::uint64_t max_body = 64ull << 20;
    // A larger response head ends as errc::response_too_large. Bytes, 1 KiB to 1 MiB.
    std::uint32_t max_head = 64u << 10;
    // Hosts besides *.databricksapps.com and the workspace that may get the token: exact names or IP literals, without
    // port. Loopback hosts have to be named too.
    std::vector<std::string> allow_hosts;
    // What the apps ask of a user's token (effective_user_api_scopes), if known: errc::no_permission names those that
    // the token lacks. An answer that says it itself comes first.
    std::vector<std::string> app_scopes;
    // Called for each attempt: when it starts, when it ended, when there will be another, and when the call is over.
    attempt_hook on_attempt;
    // Sends a traceparent (W3C Trace Context) with each attempt: a child of the request's own, if it has one, else of a
    // trace that begins with the call. The hook gets the same.
    bool traceparent = false;
    // Sent as User-Agent, after a product token of the library's own if not empty. Printable ASCII.
    std::string user_agent;
};

}  // namespace dbxapps
