// Host names to addresses: one lookup per name at a time, whatever the number of those who ask, believed for a while.
//
// Thread-safe. getaddrinfo cannot be cancelled, so it runs on threads of its own that nobody waits for: neither
// destroying this nor an io_context does. Failures are believed for one second.
#pragma once

#include <net/address.hpp>
#include <net/delivery.hpp>
#include <net/stops.hpp>

#include <dbxapps/error.hpp>
#include <dbxapps/network_options.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dbxapps::net {

// Blocks; called on a thread of its own.
using lookup_function = std::function<result<addresses>(const std::string& host)>;
result<addresses> system_lookup(const std::string& host);

class name_cache {
public:
    name_cache(std::vector<host_override>, duration names_live, lookup_function = system_lookup);

    // What needs no lookup, overrides and IP literals. errc::bad_config: an override to what is no address.
    std::optional<result<addresses>> known(const std::string& host, std::uint16_t port) const;
    bool overridden(const std::string& host, std::uint16_t port) const;
    // errc::resolve_failed, timed_out, cancelled, closed (by `ends`), and those of known().
    asio::awaitable<result<addresses>> resolve(std::string host, std::uint16_t port, time_point deadline,
                                               std::shared_ptr<stops> ends = nullptr);
    void forget(const std::string& host);  // a dial to every address failed: look again next time

private:
    const host_override* find(const std::string& host, std::uint16_t port) const;

    struct shared;
    std::shared_ptr<shared> shared_;
    std::vector<host_override> overrides_;
};

}  // namespace dbxapps::net
