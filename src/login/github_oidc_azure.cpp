// An application of Microsoft Entra ID that trusts a job of GitHub Actions.
#include <config/config_error.hpp>
#include <login/azure_source.hpp>
#include <login/azure_ways.hpp>
#include <login/entra_token.hpp>
#include <oauth/id_tokens.hpp>
#include <oauth/safe_url.hpp>
#include <oauth/shown.hpp>
#include <text/retry_after.hpp>

#include <cstring>
#include <utility>

namespace dbxapps::login {
namespace {

using boost::asio::awaitable;

constexpr std::string_view audience = "api://AzureADTokenExchange";

class github_oidc_azure_source final : public azure_source {
public:
    github_oidc_azure_source(azure_options o, std::string url, std::string request_token, wall_clock now)
        : azure_source("github-oidc-azure", std::move(o), management::left_out),
          url_(std::move(url)),
          request_token_(std::move(request_token)),
          now_(std::move(now)) {
        if (options().client_id.empty()) missing("the client id of an application (ARM_CLIENT_ID)");
        if (url_.empty() || request_token_.empty()) {
            missing(
                "what GitHub Actions gives a job with the permission id-token: write "
                "(ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN)");
        }
        if (!oauth::is_safe(url_)) {
            throw error(config::failed(config::config_error::bad_value,
                                       "ACTIONS_ID_TOKEN_REQUEST_URL has to be an https URL: a token is sent there"));
        }
        need_tenant();
    }
    ~github_oidc_azure_source() override { explicit_bzero(request_token_.data(), request_token_.size()); }

private:
    // The assertion is short-lived, so it is asked for anew each time.
    awaitable<result<token>> token_for(transport& via, std::string resource, time_point deadline) override {
        auto endpoint = co_await token_endpoint(via, deadline);
        if (!endpoint) co_return endpoint.error();
        auto assertion = co_await id_token(via, deadline);
        if (!assertion) co_return assertion.error();
        auto form = oauth::entra_assertion_request(*endpoint, resource, options().client_id, *assertion);
        auto hide = oauth::spellings_of({*assertion});
        explicit_bzero(assertion->data(), assertion->size());
        auto came = co_await ask_entra(via, to_send(std::move(form)), std::move(hide), now_, deadline);
        if (came || !came.error().is(errc::token_refused)) co_return came;
        failure why = came.error();
        why.detail += "; the application needs a federated credential for this job's repository, branch or environment";
        co_return why;
    }

    awaitable<result<std::string>> id_token(transport& via, time_point deadline) {
        auto question = oauth::github_id_token_request(url_, request_token_, audience);
        const auto hide = oauth::spellings_of({request_token_});
        auto answer = co_await via.exchange(to_send(std::move(question)), deadline);
        if (!answer) co_return answer.error();
        const auto wait = answer->header("retry-after");
        const auto retry_after = wait ? text::parse_retry_after(*wait, seconds_by(now_)) : std::nullopt;
        const oauth::id_token_answer said = {answer->status(), answer->body(), retry_after};
        auto read = oauth::read_github_id_token(url_, said, hide);
        explicit_bzero(answer->body().data(), answer->body().size());
        co_return read;
    }

    const std::string url_;
    std::string request_token_;
    const wall_clock now_;
};

}  // namespace

std::unique_ptr<token_source> github_oidc_azure(azure_options options, std::string request_url,
                                                std::string request_token, wall_clock now) {
    return std::make_unique<github_oidc_azure_source>(std::move(options), std::move(request_url),
                                                      std::move(request_token), std::move(now));
}

}  // namespace dbxapps::login

namespace dbxapps {

std::unique_ptr<token_source> github_oidc_azure(azure_options options, std::string request_url,
                                                std::string request_token) {
    return login::github_oidc_azure(std::move(options), std::move(request_url), std::move(request_token),
                                    std::chrono::system_clock::now);
}

}  // namespace dbxapps
