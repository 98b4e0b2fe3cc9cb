// The tenant of Microsoft Entra ID that an Azure workspace belongs to (facts: Databricks authentication, 1.10).
#pragma once

#include <dbxapps/transport.hpp>

#include <string>

namespace dbxapps::login {

// Asks {host}/aad/auth where a person would log in. `host` is normal: https://<host>[:port]. Failures: the transport's,
// or oauth::read_tenant()'s.
boost::asio::awaitable<result<std::string>> find_tenant(transport&, std::string host, time_point deadline);

}  // namespace dbxapps::login
