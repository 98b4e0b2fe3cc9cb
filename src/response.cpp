#include <dbxapps/response.hpp>

#include <text/ascii.hpp>

#include <algorithm>

namespace dbxapps {

std::optional<std::string_view> response::header(std::string_view name) const noexcept {
    std::string_view left(head_);
    while (!left.empty()) {
        const std::size_t end = left.find('\n');
        // Most names differ in length already.
        if (end > name.size() && left[name.size()] == ':' && text::same(left.substr(0, name.size()), name)) {
            return left.substr(name.size() + 1, end - name.size() - 1);
        }
        left.remove_prefix(end + 1);
    }
    return std::nullopt;
}

std::size_t response::header_count() const noexcept {
    return static_cast<std::size_t>(std::count(head_.begin(), head_.end(), '\n'));
}

std::pair<std::string_view, std::string_view> response::header_at(std::size_t i) const noexcept {
    std::string_view left(head_);
    for (; i > 0; --i)
        left.remove_prefix(left.find('\n') + 1);
    const std::size_t colon = left.find(':');
    return {left.substr(0, colon), left.substr(colon + 1, left.find('\n') - colon - 1)};
}

}  // namespace dbxapps
