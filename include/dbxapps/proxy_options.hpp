// The proxy through which everything leaves this machine, if there is one.
//
// Only CONNECT is ever spoken to it: calls go through a tunnel, in TLS with the host itself, so it sees neither paths
// nor tokens. Loopback, link-local and cloud metadata addresses are never asked for through it, and plain http, which
// goes to loopback only, knows no proxy: HTTP_PROXY is not looked at. A proxy that cannot be reached, refuses, stalls
// or answers nonsense ends calls as errc::proxy_failed.
#pragma once

#include <string>
#include <vector>

namespace dbxapps {

struct proxy_options {
    // http://[user:password@]host[:port], or https:// for TLS on the way to the proxy as well, whose certificate is
    // then checked like any other. Percent-encode what is special in user and password. Ports: 80 and 443. Stands in
    // for HTTPS_PROXY.
    std::string url;
    // Hosts that are reached without it. Stands in for NO_PROXY, and is written in the same way, one entry each:
    // "example.com" (it and all below it, also as ".example.com"), "10.1.2.3", "10.0.0.0/8", "fd00::/8",
    // "example.com:8443" (that port only), "*" (all).
    std::vector<std::string> bypass;
    // What is empty above is taken from https_proxy or HTTPS_PROXY, and no_proxy or NO_PROXY: like curl, the lower-case
    // one counts if both are set, and a bare host:port is http. Read once, when the client or the cache is made. What
    // cannot be a proxy is errc::bad_config; what cannot be an entry of NO_PROXY is passed over.
    bool from_environment = true;
};

}  // namespace dbxapps
