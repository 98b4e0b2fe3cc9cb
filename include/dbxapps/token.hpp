// An access token (RFC 6749 section 1.4), or other credentials, with the text of the header field that presents them.
//
// Immutable once it is handed out. Shared objects: safe. Its text is wiped when the last owner lets go; nothing prints
// it.
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
    // Of another scheme than Bearer: the whole value of the field, "Basic ...".
    static token of_authorization(std::string_view value);
    token(const token&) = default;
    token(token&&) noexcept = default;
    token& operator=(token) noexcept;
    ~token();

    std::string_view access_token() const noexcept;
    std::string_view authorization() const noexcept { return header_; }  // "Bearer <access token>"

    // Databricks Apps refuse what Databricks itself did not give out by OAuth. `what` says what this is instead ("a
    // personal access token") and is text that stays. Calls to an app then end before anything is sent.
    token& unfit_for_apps(std::string_view what) noexcept;
    std::string_view unfit_for_apps() const noexcept { return unfit_; }  // empty: fit
    // A further header field for the API of the workspace itself, as secret as the token. Never sent to an app. Throws
    // dbxapps::error (errc::token_unavailable) for what no header field can be.
    token& workspace_field(std::string_view name, std::string_view value);
    std::string_view workspace_fields() const noexcept { return fields_; }  // "name: value\r\n" each
    std::optional<duration> life() const noexcept { return life_; }
    bool empty() const noexcept { return header_.empty(); }

private:
    std::string header_;
    std::string fields_;
    std::string_view unfit_;
    std::optional<duration> life_;
};

using token_ptr = std::shared_ptr<const token>;

}  // namespace dbxapps
