// Through which proxy a host is reached, if through any: options and environment to a rule. Pure.
//
// No text made here shows the credentials, nor a URL in which they may stand.
#pragma once

#include <config/bypass_list.hpp>
#include <config/environment.hpp>
#include <dbxapps/error.hpp>
#include <dbxapps/proxy_options.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dbxapps::config {

struct proxy {
    bool secure = false;  // TLS on the way to it
    std::string host;     // lower case; an IPv6 literal without brackets
    std::uint16_t port = 0;
    bool ip_literal = false;
    std::string authorization;  // the value of Proxy-Authorization, a secret; empty: none

    std::string words() const { return host + ":" + std::to_string(port); }
};

// errc::bad_config; `setting`, for its words, is where the text stood.
result<proxy> parse_proxy(std::string_view text, std::string_view setting);

class proxy_rule {
public:
    // errc::bad_config: what is set as a proxy cannot be one, or an entry of the options' own bypass makes no sense.
    static result<proxy_rule> make(const proxy_options&, const environment&);

    // The proxy for an https host; null: none. `host` as bypass_list::covers() wants it.
    const proxy* on_the_way_to(const std::string& host, std::uint16_t port) const;

private:
    std::optional<proxy> proxy_;
    bypass_list bypass_;
};

}  // namespace dbxapps::config
