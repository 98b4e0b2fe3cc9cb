// The endpoints of one issuer: found when they are first needed, and kept if a document names them.
#pragma once

#include <login/find_endpoints.hpp>

#include <optional>

namespace dbxapps::login {

// Not thread-safe, and outlives what it is asked for.
class known_endpoints {
public:
    explicit known_endpoints(oauth::issuer who) : issuer_(std::move(who)) {}
    boost::asio::awaitable<result<endpoints>> get(transport&, time_point deadline);
    void forget() noexcept { kept_.reset(); }  // they may have moved: looked for again the next time

private:
    const oauth::issuer issuer_;
    std::optional<endpoints> kept_;
};

}  // namespace dbxapps::login
