// Where plain http may go: to this machine, and on request to the metadata service of the cloud that the machine is in.
// Pure.
#pragma once

#include <net/address.hpp>

#include <cstdint>

#include <string_view>

namespace dbxapps::net {

// 169.254.169.254 and metadata.google.internal, at port 80: nobody else can be spoken to as a metadata service.
bool is_instance_metadata(std::string_view host, std::uint16_t port) noexcept;

// Whatever a name says, it is the address that counts: loopback, or that of a metadata service if one is wanted.
bool may_go_in_the_clear(const address&, bool to_instance_metadata) noexcept;

}  // namespace dbxapps::net
