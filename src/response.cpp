#include <dbxapps/response.hpp>

#include <text/ascii.hpp>

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

std::optional<std::string_view> response::header(std::string_view name) const& noexcept {
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

std::pair<std::string_view, std::string_view> response::header_at(std::size_t i) const& noexcept {
    if (i < last_) last_ = last_at_ = 0;
    for (; last_ < i; last_ = last_ + 1)
        last_at_ = head_.find('\n', last_at_) + 1;
    std::string_view left = std::string_view(head_).substr(last_at_);
    const std::string_view line = take_line(left);
    const std::size_t colon = line.find(':');
    return {line.substr(0, colon), value_of(line, colon)};
}

}  // namespace dbxapps
