// How a token source reaches its endpoints: one plain request, one whole answer. No token is added, no redirect
// followed, and only https goes out (http to loopback excepted, and to_instance_metadata).
#pragma once

#include <dbxapps/error.hpp>
#include <dbxapps/response.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace dbxapps {

// A class, not an aggregate: g++ 12 destroys brace-made temporaries of an awaited call twice.
class transport_request {
public:
    transport_request(std::string verb, std::string to) : method(std::move(verb)), url(std::move(to)) {}
    std::string method;
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    bool repeatable = false;  // may be sent again when a kept connection fails before any answer
    // Plain http to 169.254.169.254 or metadata.google.internal, by no proxy: nothing secret may be in the request.
    bool to_instance_metadata = false;
};

class transport {
public:
    virtual ~transport() = default;
    // Any answer is a response, whatever its status. Cancellation: terminal. Thread-safe.
    virtual boost::asio::awaitable<result<response>> exchange(transport_request, time_point deadline) = 0;
};

}  // namespace dbxapps
