// What is kept of a person's login between two runs, and its JSON. Pure.
//
// {"version": 1, "host", "client_id", "scopes", "profile", "issuer" (if there is one), "access_token", "refresh_token",
// "expires_at": <seconds since 1970, or null>, "in_doubt_since": <likewise>}. No failure holds anything of a token.
#pragma once

#include <dbxapps/error.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dbxapps::oauth {

// Whose login it is. Another host, client, set of scopes, profile or issuer is another login.
struct login_key {
    std::string host;  // normal
    std::string client_id;
    std::string scopes;  // in their normal form
    std::string profile;
    std::string issuer{};  // of the host's issuers, if it has several: an account's id, or the URL of its metadata

    std::string text() const;  // no two keys have the same
    friend bool operator==(const login_key&, const login_key&) = default;
};

// Wiped when it goes.
struct stored_login {
    stored_login() = default;
    stored_login(const stored_login&) = default;
    stored_login(stored_login&&) noexcept = default;
    stored_login& operator=(const stored_login&) = default;
    stored_login& operator=(stored_login&&) noexcept = default;
    ~stored_login();

    std::string access_token;
    std::string refresh_token;                   // empty: there is none
    std::optional<std::int64_t> expires_at;      // of the access token, by the wall clock; nothing: it does not
    std::optional<std::int64_t> in_doubt_since;  // the refresh token was sent then, and no answer is known
};

std::string write_login(const login_key&, const stored_login&);
// The failure's words go on after the name of the file: "is not JSON".
result<stored_login> read_login(std::string_view json, const login_key&);

}  // namespace dbxapps::oauth
