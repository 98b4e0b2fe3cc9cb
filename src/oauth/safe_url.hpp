// May a secret go there, and may what is read there be believed?
#pragma once

#include <string_view>

namespace dbxapps::oauth {

bool is_safe(std::string_view url);  // https, or of this machine; for an address that the user gave
// For one that was read at `from`: plain http only if that was so itself. Else a distant host could have a secret sent
// to whoever listens on this machine.
bool is_safe(std::string_view url, std::string_view from);

}  // namespace dbxapps::oauth
