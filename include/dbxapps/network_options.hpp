// How hosts are found, dialled and trusted. The same for a client's calls and for a token cache's fetches.
#pragma once

#include <dbxapps/proxy_options.hpp>
#include <dbxapps/time.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace dbxapps {

// Like curl's --resolve: connections to host:port go to `address` (an IP literal) and no name is looked up. The URL,
// the Host field, SNI and the certificate check keep the host. port 0: any port. "*.example.com": every host below
// example.com. The first entry that fits counts. Such a host is reached directly, never through a proxy; an entry for
// the proxy's own host says where the proxy is.
struct host_override {
    std::string host;
    std::uint16_t port = 0;
    std::string address;
};

enum class tls_version { tls_1_2, tls_1_3 };

// Verification of certificate and host name is always on.
struct tls_options {
    std::string extra_ca_pem;   // PEM text with further roots to trust
    std::string extra_ca_file;  // a file of the same, read when the client or the cache is made
    bool system_roots = true;   // trust the roots of the machine (SSL_CERT_FILE and SSL_CERT_DIR are honoured)
    // How long a certificate chain that was verified is believed when another connection shows it; never beyond its own
    // expiry. Host name and possession of the key are checked every time. 0: each full handshake verifies its chain.
    duration chains_live = std::chrono::minutes(10);
    // Servers that speak nothing as new are refused.
    tls_version minimum_version = tls_version::tls_1_2;
    // Shown to hosts that ask who calls (mutual TLS), never to a proxy: PEM text of the certificate, with those between
    // it and a root behind it, and of its key, without a pass phrase. Both or neither.
    std::string client_certificate_pem;
    std::string client_key_pem;
    // For debugging: the secrets of all connections are appended to this file, in the format of NSS. Whoever has it can
    // read every token in a recording of the traffic, so it is made readable by its owner alone. Empty: none is
    // written; SSLKEYLOGFILE is not looked at.
    std::string key_log_file;
};

struct network_options {
    std::vector<host_override> resolve;
    tls_options tls;
    proxy_options proxy;
    // One dial: name lookup, TCP, proxy and TLS. More than 0. Too short: healthy but distant hosts cannot be reached.
    duration dial_within = std::chrono::seconds(10);
    // How long a looked-up name is believed. 0: every dial looks it up (concurrent dials still share one lookup).
    duration names_live = std::chrono::seconds(30);
};

}  // namespace dbxapps
