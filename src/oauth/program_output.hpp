// What the outputs of the databricks CLI and the Azure CLI have in common. Pure.
#pragma once

#include <dbxapps/error.hpp>
#include <dbxapps/token.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dbxapps::oauth {

// What a program said on stderr, for an error text: in one line, without secrets, and not too long.
std::string said(std::string_view err);

// A token of type `type` (empty: not said) that ends `expires_at` seconds after 1970; nothing: it does not end.
// `program`: "the databricks CLI". Failures: config_error::parse, or errc::token_unavailable if it has ended by `now`.
result<token> program_token(std::string_view program, std::string_view access_token, std::string_view type,
                            std::optional<std::int64_t> expires_at, std::int64_t now);

failure unusable_output(std::string_view program, const std::string& why);  // config_error::parse

}  // namespace dbxapps::oauth
