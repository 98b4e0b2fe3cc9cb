// What a host says of itself fills the settings that nobody has set (facts: Databricks authentication, 1.9). Pure.
#pragma once

#include <config/settings.hpp>
#include <oauth/host_metadata.hpp>

namespace dbxapps::oauth {

// account_id, workspace_id, cloud (else by the host's name), audience and discovery_url, each only if it is empty.
void back_fill(config::settings&, const host_metadata&);

}  // namespace dbxapps::oauth
