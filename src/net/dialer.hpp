// Opens one connection: name, happy eyeballs over its addresses, TLS; or the same with a proxy first, and TLS through
// that. The plan is core::dial_plan's; this carries it out.
#pragma once

#include <net/connection.hpp>
#include <net/name_cache.hpp>
#include <net/proxy_tunnel.hpp>
#include <net/tls_context.hpp>
#include <net/tls_sessions.hpp>

#include <memory>
#include <mutex>
#include <string>

namespace dbxapps::net {

struct origin {
    std::string host;  // lower case; an IPv6 literal without brackets
    std::uint16_t port = 443;
    bool secure = true;
    bool ip_literal = false;
    bool instance_metadata = false;  // plain http to a metadata service of a cloud is meant

    std::string words() const { return host + ":" + std::to_string(port); }
    std::string authority() const {  // as CONNECT wants it
        return (host.find(':') == host.npos ? host : "[" + host + "]") + ":" + std::to_string(port);
    }
};

// What the dials of one origin share.
struct dial_tools {
    loop where;
    std::shared_ptr<name_cache> names;
    std::shared_ptr<tls_context> tls;
    std::shared_ptr<tls_sessions> sessions;
    std::shared_ptr<const proxies> by{};  // null: none
};

// Ends a dial from any thread.
class dial_stop {
public:
    explicit dial_stop(const asio::any_io_executor& ex) : bell_(ex) {}
    void stop() noexcept;
    bool stopped() const noexcept;
    const class bell& bell() const noexcept { return bell_; }  // rings when stopped; the connect phase waits on it
    const std::shared_ptr<stops>& look_up() const noexcept { return look_up_; }  // the phase before
    void watch(std::shared_ptr<socket_guard>);                                   // those that read and write

private:
    mutable std::mutex mutex_;
    bool stopped_ = false;
    std::shared_ptr<socket_guard> talking_;
    const std::shared_ptr<stops> look_up_ = std::make_shared<stops>();
    class bell bell_;
};

// resolve_failed, connect_failed, proxy_failed, tls_failed, timed_out, closed. Not to be cancelled but by `stop`.
asio::awaitable<result<std::shared_ptr<connection>>> dial(origin, dial_tools, std::shared_ptr<dial_stop>,
                                                          time_point deadline);

}  // namespace dbxapps::net
