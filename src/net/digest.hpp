// SHA-256 (FIPS 180-4) and random bytes for secrets, by OpenSSL.
#pragma once

#include <dbxapps/error.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace dbxapps::net {

std::array<std::uint8_t, 32> sha256(std::string_view) noexcept;
result<std::string> random_bytes(std::size_t);  // errc::token_unavailable: the system has none

}  // namespace dbxapps::net
