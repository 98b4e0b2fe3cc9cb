// Which scopes an app asks of a token, and which of them it lacks. Pure.
#pragma once

#include <dbxapps/response.hpp>

#include <string>
#include <vector>

namespace dbxapps::apps {

// By the answer's WWW-Authenticate (RFC 6750 section 3, attribute `scope`); none if it does not say.
std::vector<std::string> scopes_asked_by(const response&);

// In the order asked. A token for all APIs lacks none, nor does one that does not say what it is for.
std::vector<std::string> lacking(const std::vector<std::string>& asked, const std::vector<std::string>& held);

}  // namespace dbxapps::apps
