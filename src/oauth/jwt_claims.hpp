// What an access token says of itself, if it is a JWT (RFC 7519 section 4). Not verified: good for words to a person,
// never for a decision. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dbxapps::oauth {

// The claim `scope` (RFC 8693 section 4.2), or `scp` as a list; none if it has neither or is no JWT.
std::vector<std::string> scopes_in(std::string_view token);

}  // namespace dbxapps::oauth
