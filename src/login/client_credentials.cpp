// OAuth 2.0 client credentials: discovery once, then one form to the token endpoint each time.
#include <dbxapps/login.hpp>

#include <config/host.hpp>
#include <login/find_endpoints.hpp>
#include <oauth/token_endpoint.hpp>
#include <text/encoding.hpp>
#include <text/retry_after.hpp>

#include <cstring>
#include <ctime>
#include <utility>
#include <vector>

namespace dbxapps {
namespace {

using boost::asio::awaitable;

class client_credentials_source final : public token_source {
public:
    explicit client_credentials_source(client_credentials_options o) : options_(std::move(o)) {}
    ~client_credentials_source() override {
        explicit_bzero(options_.client_secret.data(), options_.client_secret.size());
    }

    std::string host() const override { return options_.host; }

    awaitable<result<token>> fetch(transport& via, time_point deadline) override {
        std::string endpoint = endpoint_;
        if (endpoint.empty()) {
            oauth::issuer where = {options_.host, options_.account_id, options_.discovery_url};
            auto found = co_await login::find_endpoints(via, std::move(where), deadline);
            if (!found) co_return found.error();
            endpoint = std::move(found->token);
            if (!found->guessed) endpoint_ = endpoint;
        }
        auto form =
            oauth::client_credentials_request(endpoint, options_.client_id, options_.client_secret, options_.scopes);
        const std::vector<std::string> hide = secrets_of(form);
        transport_request post("POST", form.url);
        post.headers = std::move(form.headers);
        post.body = std::move(form.body);
        post.repeatable = true;  // a client credentials grant spends nothing
        auto answer = co_await via.exchange(std::move(post), deadline);
        if (!answer) co_return answer.error();
        const auto wait = answer->header("retry-after");
        const auto retry_after = wait ? text::parse_retry_after(*wait, std::time(nullptr)) : std::nullopt;
        auto read = oauth::read_token_answer(endpoint, answer->status(), answer->body(), retry_after, hide);
        explicit_bzero(answer->body().data(), answer->body().size());
        if (!read && answer->status() == 404) endpoint_.clear();  // it may have moved: look again next time
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
    std::string endpoint_;  // by a document's word
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
