// IP addresses as the dialer and the name cache use them.
#pragma once

#include <boost/asio/ip/address.hpp>

#include <vector>

namespace dbxapps::net {

using address = boost::asio::ip::address;
using addresses = std::vector<address>;

}  // namespace dbxapps::net
