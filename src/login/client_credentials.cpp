// OAuth 2.0 client credentials: discovery once, then one form to the token endpoint each time.
#include <dbxapps/login.hpp>

#include <config/host.hpp>
#include <login/known_endpoints.hpp>
#include <login/send.hpp>
#include <oauth/token_endpoint.hpp>
#include <text/encoding.hpp>

#include <utility>
#include <vector>

namespace dbxapps {
namespace {

using boost::asio::awaitable;

class client_credentials_source final : public token_source {
public:
    explicit client_credentials_source(client_credentials_options o)
        : options_(std::move(o)), endpoints_({options_.host, options_.account_id, options_.discovery_url}) {}
    ~client_credentials_source() override { login::wipe(options_.client_secret); }

    std::string host() const override { return options_.host; }

    awaitable<result<token>> fetch(transport& via, time_point deadline) override {
        const auto where = co_await endpoints_.get(via, deadline);
        if (!where) co_return where.error();
        auto form = oauth::client_credentials_request(where->token, options_.client_id, options_.client_secret,
                                                      options_.scopes);
        const std::vector<std::string> hide = secrets_of(form);
        auto post = login::outgoing(std::move(form), true);  // a client credentials grant spends nothing
        auto answer = co_await via.exchange(std::move(post), deadline);
        if (!answer) co_return answer.error();
        auto read = oauth::read_token_answer(where->token, answer->status(), answer->body(),
                                             login::retry_after_of(*answer), hide);
        login::wipe(answer->body());
        if (!read && answer->status() == 404) endpoints_.forget();
        co_return read;
    }

private:
    // In every spelling that a server may have seen and may repeat.
    std::vector<std::string> secrets_of(const oauth::http_request& form) const {
        std::vector<std::string> out = {options_.client_secret, text::form_encoded(options_.client_secret)};
        for (const auto& [name, value] : form.headers) {
            if (name == "Authorization") out.push_back(value.substr(value.find(' ') + 1));
        }
        return out;
    }

    client_credentials_options options_;
    login::known_endpoints endpoints_;
};

[[noreturn]] void missing(const std::string& what) {
    throw error(failure(errc::bad_config, "client credentials need " + what));
}

}  // namespace

std::unique_ptr<token_source> client_credentials(client_credentials_options options) {
    auto host = config::normal_host(options.host);
    if (!host) throw error(host.error());
    options.host = std::move(*host);
    if (options.client_id.empty()) missing("the client id of a service principal (DATABRICKS_CLIENT_ID)");
    if (options.client_secret.empty()) missing("the client secret of a service principal (DATABRICKS_CLIENT_SECRET)");
    return std::make_unique<client_credentials_source>(std::move(options));
}

std::unique_ptr<token_source> client_credentials(std::string host, std::string client_id, std::string client_secret) {
    client_credentials_options options;
    options.host = std::move(host);
    options.client_id = std::move(client_id);
    options.client_secret = std::move(client_secret);
    return client_credentials(std::move(options));
}

}  // namespace dbxapps
