// Words of a server for an error text. It may repeat what it was sent, so they are searched for secrets first.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace dbxapps::oauth {

// Printable, at most `limit` bytes, and without any text of `hide`. `words` have to be decoded, so that no spelling of
// JSON's gets past this.
std::string shown(std::string words, std::size_t limit, const std::vector<std::string>& hide);

// Each secret as it is, and as forms and queries have it: the spellings that a server may have seen.
std::vector<std::string> spellings_of(const std::vector<std::string>& secrets);

}  // namespace dbxapps::oauth
