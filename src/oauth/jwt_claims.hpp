// What a token says of itself, if it is a JWT (RFC 7519 section 4). Not verified: good for words to a person and for
// when to ask for the next one, never for whom to believe. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dbxapps::oauth {

// The claim `scope` (RFC 8693 section 4.2), or `scp` as a list; none if it has neither or is no JWT.
std::vector<std::string> scopes_in(std::string_view token);
// The claim `exp`, in seconds since 1970, of a time that can be; nothing if it has none or is no JWT.
std::optional<std::int64_t> expiry_in(std::string_view token);

}  // namespace dbxapps::oauth
