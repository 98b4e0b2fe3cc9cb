// The real servers of the integration tests, on 127.0.0.1 in folders of their own: a FastAPI app behind nginx with TLS,
// and the forward proxies squid and tinyproxy.
//
// Constructors return when connections are accepted, and throw std::runtime_error when that cannot be; destructors end
// the servers and remove their files. Distinct objects: safe.
#pragma once

#include <dbxapps/network_options.hpp>
#include <integration/child.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace dbxapps::integration {

// A folder that only its owner can read; removed with everything in it.
class folder {
public:
    folder();
    ~folder();
    folder(const folder&) = delete;
    folder& operator=(const folder&) = delete;
    const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};

// A port of 127.0.0.1 that is free now, below those that the kernel gives to anybody who asks for none.
std::uint16_t free_port();
bool accepts(std::uint16_t port);
// That only its owner can read.
void write_file(const std::filesystem::path&, std::string_view text);

// What nginx listens for; see nginx.conf.
enum class front { usual, tls_1_2, short_lived, close_delimited };

class app_servers {
public:
    app_servers();

    std::string url(std::string_view path, front = front::usual) const;
    // The same for a proxy, which looks names up itself and is never asked for loopback: to Linux 0.0.0.0 is this
    // machine as well. A client has to allow that host.
    std::string url_by_address(std::string_view path, front = front::usual) const;
    std::uint16_t port(front) const;
    // Finds the app's host and trusts its throw-away CA.
    network_options network(proxy_options = {}) const;
    std::string end_of_app_log() const { return app_->end_of_log(); }

private:
    void start_app();
    void start_nginx();

    folder home_;
    std::string ca_pem_;
    std::map<front, std::uint16_t> ports_;
    std::optional<child> app_, nginx_;
};

struct credentials {
    std::string user, password;
};

enum class proxy_kind { squid, tinyproxy };

class proxy_server {
public:
    // With credentials it lets nobody through who does not show them (HTTP Basic); with a port, nobody to another one.
    explicit proxy_server(proxy_kind, std::optional<credentials> = std::nullopt,
                          std::optional<std::uint16_t> only_to = std::nullopt);
    std::uint16_t port() const noexcept { return port_; }
    // How often it was asked for a tunnel, as far as it has logged that: squid does when the tunnel is over.
    std::size_t connects() const;

private:
    using settings = std::map<std::string, std::string>;
    void start_squid(const std::optional<credentials>&, settings);
    void start_tinyproxy(const std::optional<credentials>&, settings);

    folder home_;
    std::uint16_t port_;
    std::filesystem::path log_;
    std::optional<child> running_;
};

}  // namespace dbxapps::integration
