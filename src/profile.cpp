#include <dbxapps/profile.hpp>

namespace dbxapps {

profile::profile(std::string_view name) { set("profile", name); }

profile& profile::set(std::string_view key, std::string_view value) & {
    settings_.emplace_back(key, value);
    return *this;
}

profile&& profile::set(std::string_view key, std::string_view value) && { return std::move(set(key, value)); }

}  // namespace dbxapps
