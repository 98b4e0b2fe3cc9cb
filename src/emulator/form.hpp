// Reading what a client sends to a token endpoint: form fields and Basic credentials. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace dbxapps::emulated {

std::optional<std::string> base64_decoded(std::string_view);  // RFC 4648 section 4, padded
std::optional<std::string> form_decoded(std::string_view);    // nullopt: a '%' without two hex digits

// nullopt when it is malformed or a name comes twice (RFC 6749 section 3.2). A field without a value is left out.
using form_fields = std::map<std::string, std::string, std::less<>>;
std::optional<form_fields> parse_form(std::string_view body);

// Id and secret of an Authorization field, form-decoded (RFC 6749 section 2.3.1).
std::optional<std::pair<std::string, std::string>> basic_credentials(std::string_view authorization);

}  // namespace dbxapps::emulated
