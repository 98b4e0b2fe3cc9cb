// May a secret go there, and may what is read there be believed?
#pragma once

#include <string_view>

namespace dbxapps::oauth {

bool is_safe(std::string_view url);  // https, or of this machine

}  // namespace dbxapps::oauth
