// Which hosts are reached without a proxy, as NO_PROXY says it. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dbxapps::config {

class bypass_list {
public:
    // One entry; false if it makes no sense, and then it is not added. See dbxapps/proxy_options.hpp.
    bool add(std::string_view entry);
    // Entries between commas and blanks. Those that make no sense are passed over.
    void add_all(std::string_view entries);

    // `host`: lower case, an IPv6 literal without brackets.
    bool covers(const std::string& host, std::uint16_t port) const;

private:
    // IPv4 as ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2), so that there is one form of it.
    using ip = std::array<unsigned char, 16>;
    struct entry {
        std::optional<ip> network;  // else `name`
        unsigned prefix = 0;        // so many bits of `network` count
        std::string name;           // empty: every host
        std::uint16_t port = 0;     // 0: every port
    };
    static std::optional<ip> parse_ip(const std::string&);
    static std::optional<entry> parse(std::string_view);
    static std::optional<entry> parse_network(const std::string& text);
    static bool within(const ip&, const entry&);

    std::vector<entry> entries_;
};

// What no proxy is ever asked for: this machine, its link, and the metadata services of clouds, which give out
// credentials to whoever asks from the right place.
const bypass_list& always_bypassed();

}  // namespace dbxapps::config
