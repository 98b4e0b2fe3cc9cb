// Somebody who vouches for this program with an ID token, and the source that exchanges it for an access token.
#pragma once

#include <dbxapps/federation.hpp>

#include <memory>
#include <string>

namespace dbxapps::login {

class id_token_provider {
public:
    virtual ~id_token_provider() = default;
    // A new one each time, fit to be sent. `audience`: for whom; empty unless wants_audience().
    virtual boost::asio::awaitable<result<std::string>> ask(transport&, std::string audience, time_point deadline) = 0;
    virtual bool wants_audience() const noexcept { return false; }
};

// All throw dbxapps::error (errc::bad_config).
std::unique_ptr<id_token_provider> github_id_tokens(std::string request_url, std::string request_token);
std::unique_ptr<id_token_provider> azure_pipelines_id_tokens(azure_devops_job);
std::unique_ptr<token_source> federation(federation_options, std::unique_ptr<id_token_provider>);

// Told of the provider's own failures: what was being done when it happened.
failure while_asking(std::string_view provider, failure);

}  // namespace dbxapps::login
