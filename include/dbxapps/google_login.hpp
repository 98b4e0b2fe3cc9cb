// Ways in by Google ID tokens, for the API of a workspace on Google Cloud (facts: Databricks authentication, 2.12).
//
// Databricks Apps refuse such tokens: a call to an app ends as errc::not_signed_in before anything is sent. No request
// is made before the first fetch. Both throw dbxapps::error (errc::bad_config) when something needed is missing.
#pragma once

#include <dbxapps/token_source.hpp>

#include <memory>
#include <string>

namespace dbxapps {

// A service account's key: its JSON, or the path of a file with that ("google-credentials").
std::unique_ptr<token_source> google_credentials(std::string host, std::string key);
// A service account that the application default credentials may act as ("google-id"): GOOGLE_APPLICATION_CREDENTIALS,
// what `gcloud auth application-default login` has left, or the machine's own.
std::unique_ptr<token_source> google_id(std::string host, std::string service_account);

}  // namespace dbxapps
