// One member of a small JSON answer.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dbxapps::oauth {

// A member that is a string; empty when there is none, or the body is no JSON object.
std::string string_member(std::string_view body, std::string_view key);
// A member that is a number, or a string that is one and nothing else.
std::optional<double> number_member(std::string_view body, std::string_view key);

}  // namespace dbxapps::oauth
