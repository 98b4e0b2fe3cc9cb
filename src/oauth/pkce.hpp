// Login in a browser: the authorization request and what comes back with the redirect (RFC 6749 section 4.1, RFC 7636,
// RFC 8252). Pure: random bytes and the digest are arguments.
//
// The verifier and the code are secrets until the code is spent: no text here holds either of them, nor the state.
#pragma once

#include <dbxapps/error.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dbxapps::oauth {

// What one login has of its own. Made of random bytes and not told to anybody else.
struct login_attempt {
    static constexpr std::size_t random_bytes = 64 + 16;
    explicit login_attempt(std::string_view random);  // that many bytes
    ~login_attempt();
    login_attempt(const login_attempt&) = delete;
    login_attempt& operator=(const login_attempt&) = delete;

    std::string verifier;  // RFC 7636 section 4.1: 86 characters
    std::string state;     // RFC 6749 section 10.12: 22 characters
};

// Section 4.2, S256: of the SHA-256 of the verifier's text.
std::string code_challenge(std::span<const std::uint8_t, 32> digest);

// The scopes of a login, in their normal form; offline_access, which asks for a refresh token, comes first.
std::string login_scopes(const std::vector<std::string>&, bool offline_access);

struct authorization_request {
    std::string endpoint;
    std::string client_id;
    std::string redirect_uri;
    std::string scope;
    std::string state;
    std::string challenge;
};

// Where the person's browser has to go.
std::string authorization_url(const authorization_request&);

// The code in the query of a redirect, decoded. errc::bad_request: no answer to this login, as the state is another's,
// or malformed. errc::login_required: the answer is no (section 4.1.2.1).
result<std::string> read_redirect(std::string_view query, std::string_view state);

// The query of what a person copied: the whole address, or only what stands behind its '?'.
std::string_view pasted_query(std::string_view);

}  // namespace dbxapps::oauth
