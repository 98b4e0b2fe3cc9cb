#include <text/fields.hpp>

#include <text/ascii.hpp>

#include <algorithm>

namespace dbxapps::text {

std::optional<std::string_view> next_field(std::string_view& left, std::string_view name) noexcept {
    while (!left.empty()) {
        const std::string_view line = left.substr(0, left.find("\r\n"));
        left.remove_prefix(std::min(left.size(), line.size() + 2));
        const auto colon = line.find(':');
        if (colon != line.npos && same(line.substr(0, colon), name)) return trimmed(line.substr(colon + 1));
    }
    return std::nullopt;
}

}  // namespace dbxapps::text
