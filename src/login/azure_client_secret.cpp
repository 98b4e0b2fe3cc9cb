// An application of Microsoft Entra ID with a secret.
#include <login/azure_source.hpp>
#include <login/azure_ways.hpp>
#include <login/entra_token.hpp>
#include <oauth/shown.hpp>

#include <cstring>
#include <utility>

namespace dbxapps::login {
namespace {

using boost::asio::awaitable;

class azure_client_secret_source final : public azure_source {
public:
    azure_client_secret_source(azure_options o, std::string secret, wall_clock now)
        : azure_source("azure-client-secret", std::move(o), management::asked_for),
          secret_(std::move(secret)),
          now_(std::move(now)) {
        if (options().client_id.empty()) missing("the client id of an application (ARM_CLIENT_ID)");
        if (secret_.empty()) missing("the client secret of an application (ARM_CLIENT_SECRET)");
        need_tenant();
    }
    ~azure_client_secret_source() override { explicit_bzero(secret_.data(), secret_.size()); }

private:
    awaitable<result<token>> token_for(transport& via, std::string resource, time_point deadline) override {
        auto endpoint = co_await token_endpoint(via, deadline);
        if (!endpoint) co_return endpoint.error();
        auto form = oauth::entra_secret_request(*endpoint, resource, options().client_id, secret_);
        auto hide = oauth::spellings_of({secret_});
        co_return co_await ask_entra(via, to_send(std::move(form)), std::move(hide), now_, deadline);
    }

    std::string secret_;
    wall_clock now_;
};

}  // namespace

std::unique_ptr<token_source> azure_client_secret(azure_options options, std::string client_secret, wall_clock now) {
    return std::make_unique<azure_client_secret_source>(std::move(options), std::move(client_secret), std::move(now));
}

}  // namespace dbxapps::login

namespace dbxapps {

std::unique_ptr<token_source> azure_client_secret(azure_options options, std::string client_secret) {
    return login::azure_client_secret(std::move(options), std::move(client_secret), std::chrono::system_clock::now);
}

}  // namespace dbxapps
