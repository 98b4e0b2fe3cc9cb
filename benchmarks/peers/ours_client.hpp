// Our client as the peers use it: the names of the benchmark on loopback, the token of the file, everything on.
#pragma once

#include "options.hpp"

#include <dbxapps/dbxapps.hpp>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>

namespace bench {

inline std::string contents(const std::string& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline dbxapps::client_options client_options_for(const options& o, std::uint32_t connections) {
    dbxapps::client_options out;
    out.network.tls.extra_ca_pem = contents(o.ca);
    out.network.tls.system_roots = false;
    out.network.resolve = {{"*.bench.test", 0, o.address}};
    out.max_connections = connections;
    out.user_agent = user_agent;
    for (std::size_t n = 0; n < o.slots(); ++n) {
        const std::string host = o.host_of(n);
        if (out.allow_hosts.empty() || out.allow_hosts.back() != host) out.allow_hosts.push_back(host);
    }
    return out;
}

inline std::string url_of(const options& o, std::size_t slot) {
    return "https://" + o.host_of(slot) + ":" + std::to_string(o.port) + o.path;
}

// As a user would write it, from the URL on, for every call.
inline dbxapps::request request_for(const std::string& url) { return dbxapps::get(url).with("Accept", accepted_type); }

// Calls across token refreshes, calls by several threads, and calls beside hosts that are out of order. They return the
// number of failures.
std::uint64_t run_storm(const options&, json_line&);
std::uint64_t run_threads(const options&, json_line&);
std::uint64_t run_outage(const options&, json_line&);

}  // namespace bench
