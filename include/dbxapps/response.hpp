// The answer to one call: status, header fields and the whole body. Yours alone.
//
// Distinct objects: safe. Shared objects: unsafe. Views live as long as the response is neither moved nor destroyed.
#pragma once

#include <dbxapps/place.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace dbxapps {

class response {
public:
    response() = default;

    int status() const noexcept { return status_; }
    bool ok() const noexcept { return status_ >= 200 && status_ < 300; }
    // The first field of that name; letter case does not matter (RFC 9110 section 5.1).
    std::optional<std::string_view> header(std::string_view name) const& noexcept;
    std::optional<std::string_view> header(std::string_view name) const&& = delete;  // it would dangle
    std::size_t header_count() const noexcept { return header_count_; }
    std::pair<std::string_view, std::string_view> header_at(std::size_t i) const& noexcept;  // name as sent, value
    std::pair<std::string_view, std::string_view> header_at(std::size_t i) const&& = delete;
    std::string& body() & noexcept { return body_; }
    const std::string& body() const& noexcept { return body_; }
    std::string body() && noexcept { return std::move(body_); }

private:
    friend class response_builder;
    int status_ = 0;
    bool coded_ = false;
    detail::place header_count_;
    std::string head_;  // the fields as they came, "name: value\r\n" each
    // Where the last field that was asked for begins, so that a loop over all of them looks at each once.
    mutable detail::place last_, last_at_;
    std::string body_;
};

}  // namespace dbxapps
