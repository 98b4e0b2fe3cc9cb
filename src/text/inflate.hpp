// Undoes the content codings gzip and deflate (RFC 9110 section 8.4.1, RFC 1952, RFC 1950; also deflate without its
// zlib wrapping, as some servers send it) with zlib. Pure. Uses memory in proportion to what comes out, and never for
// more than is allowed.
#pragma once

#include <dbxapps/error.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dbxapps::text {

enum class coding { gzip, deflate };
std::optional<coding> coding_of(std::string_view content_encoding) noexcept;  // one coding; else nothing

// errc::response_too_large: more than `most` bytes; errc::bad_response: damaged, or not all of it.
result<std::string> inflate(std::string_view encoded, coding, std::uint64_t most);

}  // namespace dbxapps::text
