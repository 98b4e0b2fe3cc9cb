// ID tokens of GitHub Actions.
#include <login/id_token_provider.hpp>

#include <config/config_error.hpp>
#include <login/send.hpp>
#include <oauth/id_tokens.hpp>
#include <text/ascii.hpp>
#include <text/url.hpp>

#include <utility>

namespace dbxapps {
namespace {

using boost::asio::awaitable;
using config::config_error;

class github_provider final : public login::id_token_provider {
public:
    github_provider(std::string url, std::string request_token)
        : url_(std::move(url)), request_token_(std::move(request_token)) {}
    ~github_provider() override { login::wipe(request_token_); }

    bool wants_audience() const noexcept override { return true; }

    awaitable<result<std::string>> ask(transport& via, std::string audience, time_point deadline) override {
        auto question = login::outgoing(oauth::github_id_token_request(url_, request_token_, audience), true);
        auto answer = co_await via.exchange(std::move(question), deadline);
        if (!answer) co_return login::while_asking("GitHub", std::move(answer).error());
        const oauth::id_token_answer came = {answer->status(), answer->body(), login::retry_after_of(*answer)};
        auto out = oauth::read_github_id_token(url_, came, {request_token_});
        login::wipe(answer->body());
        co_return out;
    }

private:
    const std::string url_;
    std::string request_token_;
};

[[noreturn]] void refuse(config_error why, const std::string& words) {
    throw error(config::failed(
        why, "github-oidc needs " + words + "; it is there in a job with `permissions: id-token: write`"));
}

}  // namespace

std::unique_ptr<login::id_token_provider> login::github_id_tokens(std::string url, std::string request_token) {
    if (url.empty()) refuse(config_error::no_credentials, "ACTIONS_ID_TOKEN_REQUEST_URL");
    if (!text::parse_url(url)) refuse(config_error::bad_value, "a URL in ACTIONS_ID_TOKEN_REQUEST_URL");
    if (request_token.empty()) refuse(config_error::no_credentials, "ACTIONS_ID_TOKEN_REQUEST_TOKEN");
    if (!text::is_field_value(request_token)) {
        refuse(config_error::bad_value, "a token without control characters in ACTIONS_ID_TOKEN_REQUEST_TOKEN");
    }
    return std::make_unique<github_provider>(std::move(url), std::move(request_token));
}

std::unique_ptr<token_source> github_oidc(federation_options options, std::string url, std::string request_token) {
    return login::federation(std::move(options), login::github_id_tokens(std::move(url), std::move(request_token)));
}

}  // namespace dbxapps
