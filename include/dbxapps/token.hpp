// An access token (RFC 6749 section 1.4) with the text of the header field that presents it.
//
// Immutable. Shared objects: safe. Its text is wiped when the last owner lets go; nothing prints it.
#pragma once

#include <dbxapps/time.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace dbxapps {

class token {
public:
    token() = default;
    // `life` is counted from the moment the answer came; nullopt: it does not expire.
    explicit token(std::string_view access_token, std::optional<duration> life = std::nullopt);
    token(const token&) = default;
    token(token&&) noexcept = default;
    token& operator=(token) noexcept;
    ~token();

    std::string_view access_token() const noexcept;
    std::string_view authorization() const noexcept { return header_; }  // "Bearer <access token>"
    std::optional<duration> life() const noexcept { return life_; }
    bool empty() const noexcept { return header_.empty(); }

private:
    std::string header_;
    std::optional<duration> life_;
};

using token_ptr = std::shared_ptr<const token>;

}  // namespace dbxapps
