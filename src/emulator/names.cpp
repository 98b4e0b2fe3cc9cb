#include <emulator/names.hpp>
#include <text/ascii.hpp>

#include <algorithm>

namespace dbxapps::emulated {

bool is_app_name(std::string_view name) noexcept {
    return !name.empty() && name.size() <= longest_app_name && std::all_of(name.begin(), name.end(), [](char c) {
        return text::is_digit(c) || c == '-' || (c >= 'a' && c <= 'z');
    });
}

std::string_view app_of_host(std::string_view host) noexcept {
    if (!host.ends_with(app_suffix)) return {};
    host.remove_suffix(app_suffix.size());
    return is_app_name(host) ? host : std::string_view();
}

}  // namespace dbxapps::emulated
