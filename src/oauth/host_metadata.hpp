// What a host says of itself at /.well-known/databricks-config (facts: Databricks authentication, 1.9). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dbxapps::oauth {

// Empty: not said, or not of a kind that is known.
struct host_metadata {
    std::string oidc_endpoint;  // as given; may have the placeholder {account_id}
    std::string account_id;
    std::string workspace_id;
    std::string cloud;                   // "AWS", "Azure" or "GCP"
    std::string host_type;               // "workspace", "account" or "unified"
    std::vector<std::string> audiences;  // for ID tokens, the preferred one first
};

std::string metadata_url_of(std::string_view normal_host);
// Nothing: no metadata. A member that is not of its type counts as missing.
std::optional<host_metadata> read_host_metadata(int status, std::string_view body);
// The OAuth metadata document that it names; `host` is where it was read. `account_id`: what is known of it, else that
// of the metadata is taken. Empty: none is named, no account is known for its placeholder, or nothing read there could
// be believed.
std::string discovery_url_of(const host_metadata&, std::string_view account_id, std::string_view host);

}  // namespace dbxapps::oauth
