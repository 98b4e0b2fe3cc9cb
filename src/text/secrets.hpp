// Words of another program for an error text, without what may be a secret in them. By its looks, so it may hide too
// much, and what looks like nothing it leaves.
#pragma once

#include <string>
#include <string_view>

namespace dbxapps::text {

// "***" stands in the place of JWTs, Databricks tokens and secrets (dapi..., dose...), of what follows Bearer, of the
// values of tokens, secrets, keys, passwords, codes and cookies that are named, of users in URLs, of keys in PEM, and
// of any long run of letters and digits. Takes time in proportion to the words.
std::string without_secrets(std::string_view words);

}  // namespace dbxapps::text
