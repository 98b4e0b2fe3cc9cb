#include <dbxapps/response.hpp>

#include <text/ascii.hpp>

#include <algorithm>

namespace dbxapps {

namespace {

std::string_view value_of(std::string_view line, std::size_t name_size) {
    return text::trimmed(line.substr(name_size + 1, line.size() - name_size - 3));
}

std::string_view take_line(std::string_view& left) {
    const std::string_view line = left.substr(0, left.find('\n') + 1);
    left.remove_prefix(line.size());
    return line;
}

}  // namespace

std::optional<std::string_view> response::header(std::string_view name) const noexcept {
    std::string_view left(head_);
    while (!left.empty()) {
        const std::string_view line = take_line(left);
        // Most names differ in length already.
        if (line.size() > name.size() && line[name.size()] == ':' && text::same(line.substr(0, name.size()), name)) {
            return value_of(line, name.size());
        }
    }
    return std::nullopt;
}

std::size_t response::header_count() const noexcept {
    return static_cast<std::size_t>(std::count(head_.begin(), head_.end(), '\n'));
}

std::pair<std::string_view, std::string_view> response::header_at(std::size_t i) const noexcept {
    std::string_view left(head_);
    std::string_view line = take_line(left);
    for (; i > 0; --i)
        line = take_line(left);
    const std::size_t colon = line.find(':');
    return {line.substr(0, colon), value_of(line, colon)};
}

}  // namespace dbxapps
