#include <dbxapps/response.hpp>

#include <text/ascii.hpp>

namespace dbxapps {

std::optional<std::string_view> response::header(std::string_view name) const noexcept {
    for (std::size_t i = 0; i < fields_.size(); ++i) {
        const auto [key, value] = header_at(i);
        if (text::same(key, name)) return value;
    }
    return std::nullopt;
}

std::pair<std::string_view, std::string_view> response::header_at(std::size_t i) const noexcept {
    const field& f = fields_[i];
    const std::string_view all(text_);
    return {all.substr(f.name_at, f.name_size), all.substr(f.value_at, f.value_size)};
}

}  // namespace dbxapps
