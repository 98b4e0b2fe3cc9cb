// OAuth 2.0 token exchange: discovery once, then an ID token and a form to the token endpoint each time.
#include <login/id_token_provider.hpp>
#include <login/known_endpoints.hpp>
#include <login/send.hpp>

#include <config/host.hpp>
#include <oauth/token_exchange.hpp>

#include <utility>

namespace dbxapps::login {
namespace {

using boost::asio::awaitable;

class federation_source final : public token_source {
public:
    federation_source(federation_options o, std::unique_ptr<id_token_provider> from)
        : options_(std::move(o)),
          from_(std::move(from)),
          endpoints_({options_.host, options_.account_id, options_.discovery_url}) {}

    std::string host() const override { return options_.host; }

    awaitable<result<token>> fetch(transport& via, time_point deadline) override {
        std::string id_token;
        if (!from_->wants_audience()) {  // nothing goes out if there is none
            auto given = co_await from_->ask(via, std::string(), deadline);
            if (!given) co_return std::move(given).error();
            id_token = std::move(*given);
        }
        const auto where = co_await endpoints_.get(via, deadline);
        if (!where) {
            wipe(id_token);
            co_return where.error();
        }
        if (from_->wants_audience()) {
            std::string audience = options_.audience.empty() ? where->audience : options_.audience;
            auto given = co_await from_->ask(via, std::move(audience), deadline);
            if (!given) co_return std::move(given).error();
            id_token = std::move(*given);
        }
        auto out = co_await exchange(via, where->token, id_token, deadline);
        wipe(id_token);
        co_return out;
    }

private:
    awaitable<result<token>> exchange(transport& via, std::string endpoint, std::string id_token, time_point deadline) {
        auto form = oauth::token_exchange_request(endpoint, id_token, options_.client_id, options_.scopes);
        auto post = outgoing(std::move(form), true);  // an ID token is not spent by its use
        auto answer = co_await via.exchange(std::move(post), deadline);
        if (!answer) {
            wipe(id_token);
            co_return std::move(answer).error();
        }
        auto out = oauth::read_token_exchange_answer(endpoint, answer->status(), answer->body(),
                                                     retry_after_of(*answer), id_token);
        wipe(answer->body());
        wipe(id_token);
        // It may have moved, or the audience may be another one by now.
        if (!out && (answer->status() == 404 || out.error().is(errc::token_refused))) endpoints_.forget();
        co_return out;
    }

    const federation_options options_;
    const std::unique_ptr<id_token_provider> from_;
    known_endpoints endpoints_;
};

}  // namespace

std::unique_ptr<token_source> federation(federation_options options, std::unique_ptr<id_token_provider> from) {
    auto host = config::normal_host(options.host);
    if (!host) throw error(host.error());
    options.host = std::move(*host);
    const oauth::discovery search({options.host, options.account_id, options.discovery_url});
    if (search.next().what == oauth::discovery_step::kind::fail) throw error(search.next().why);
    return std::make_unique<federation_source>(std::move(options), std::move(from));
}

failure while_asking(std::string_view provider, failure why) {
    why.detail = "asking " + std::string(provider) + " for an ID token: " + why.detail;
    return why;
}

}  // namespace dbxapps::login
