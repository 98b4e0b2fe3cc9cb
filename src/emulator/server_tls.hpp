// The TLS side of the emulated hosts: TLS 1.2 and 1.3, ALPN http/1.1, two stateless tickets per handshake.
#pragma once

#include <emulator/certificates.hpp>

#include <boost/asio/ssl/context.hpp>

namespace dbxapps::emulated {

boost::asio::ssl::context server_tls(const certificates&);  // throws boost::system::system_error

}  // namespace dbxapps::emulated
