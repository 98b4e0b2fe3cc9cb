// The answer to one call: status, header fields and the whole body. Yours alone.
//
// Distinct objects: safe. Shared objects: unsafe. Views live as long as the response is neither moved nor destroyed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dbxapps {

class response {
public:
    response() = default;

    int status() const noexcept { return status_; }
    bool ok() const noexcept { return status_ >= 200 && status_ < 300; }
    // The first field of that name; letter case does not matter (RFC 9110 section 5.1).
    std::optional<std::string_view> header(std::string_view name) const noexcept;
    std::size_t header_count() const noexcept { return fields_.size(); }
    std::pair<std::string_view, std::string_view> header_at(std::size_t i) const noexcept;  // name as sent, value
    std::string& body() noexcept { return body_; }
    const std::string& body() const noexcept { return body_; }

private:
    friend class response_builder;
    struct field {
        std::uint32_t name_at, name_size, value_at, value_size;  // into text_
    };
    int status_ = 0;
    std::string text_;
    std::vector<field> fields_;
    std::string body_;
};

}  // namespace dbxapps
