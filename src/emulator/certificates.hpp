// A throw-away certification authority and the certificate of the emulated hosts. P-256, made anew at every start.
#pragma once

#include <dbxapps/emulator.hpp>

#include <string>

namespace dbxapps::emulated {

struct certificates {
    std::string ca_pem;    // what a client is told to trust
    std::string leaf_pem;  // what the hosts show
    std::string leaf_key_pem;
};

// `more_names`: of a good one besides the usual ones, as OpenSSL writes them: "IP:192.0.2.1,DNS:host.example". Throws
// std::runtime_error when OpenSSL fails.
certificates make_certificates(emulator_certificate, const std::string& more_names = {});

}  // namespace dbxapps::emulated
