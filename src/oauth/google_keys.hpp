// The credentials that Google gives people as JSON: a service account's key, and what `gcloud auth application-default
// login` leaves. Pure. No failure holds anything of a secret.
#pragma once

#include <dbxapps/error.hpp>

#include <string>
#include <string_view>
#include <variant>

namespace dbxapps::oauth {

struct google_service_account {
    google_service_account() = default;
    google_service_account(const google_service_account&) = default;
    google_service_account(google_service_account&&) = default;
    google_service_account& operator=(const google_service_account&) = default;
    google_service_account& operator=(google_service_account&&) = default;
    ~google_service_account();  // wipes the key

    std::string email;
    std::string private_key;  // PEM
    std::string key_id;       // may be empty
    std::string token_uri;    // https, or of this machine
};

struct google_user {
    google_user() = default;
    google_user(const google_user&) = default;
    google_user(google_user&&) = default;
    google_user& operator=(const google_user&) = default;
    google_user& operator=(google_user&&) = default;
    ~google_user();  // wipes both secrets

    std::string client_id;
    std::string client_secret;
    std::string refresh_token;
    std::string quota_project;  // may be empty
};

using google_login = std::variant<google_service_account, google_user>;

// By the member `type`. config_error::parse: no JSON object; config_error::bad_value: a member is missing or of another
// kind than can be used. `where` begins the failure's words: "the file /x/y".
result<google_login> read_google_login(std::string_view json, std::string_view where);
// The same for a service account only.
result<google_service_account> read_service_account(std::string_view json, std::string_view where);

}  // namespace dbxapps::oauth
