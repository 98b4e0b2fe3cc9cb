// The login of an editor on this machine, handed out by a local service of its own.
#include <login/metadata_service.hpp>

#include <config/config_error.hpp>
#include <config/host.hpp>
#include <login/send.hpp>
#include <oauth/metadata_token.hpp>
#include <oauth/shown.hpp>
#include <text/url.hpp>

#include <algorithm>
#include <utility>

namespace dbxapps {
namespace {

using boost::asio::awaitable;
using config::config_error;

constexpr auto within = std::chrono::seconds(10);
constexpr std::size_t longest_words = 1000;

class metadata_service_source final : public token_source {
public:
    metadata_service_source(std::string host, std::string url, text::url parsed, login::wall_clock now)
        : host_(std::move(host)), url_(std::move(url)), parsed_(std::move(parsed)), now_(std::move(now)) {}
    ~metadata_service_source() override {
        login::wipe(url_);
        login::wipe(parsed_.target);
    }

    std::string host() const override { return host_; }

    awaitable<result<token>> fetch(transport& via, time_point deadline) override {
        auto question = login::outgoing(oauth::metadata_token_request(url_, host_), true);
        auto answer = co_await via.exchange(std::move(question), std::min(deadline, clock::now() + within));
        if (!answer) co_return unreachable(std::move(answer).error());
        auto out = oauth::read_metadata_token(parsed_.origin(), answer->status(), answer->body(),
                                              login::retry_after_of(*answer), now_());
        login::wipe(answer->body());
        co_return out;
    }

private:
    // A transport names the URL that it asked, and this one is a secret.
    failure unreachable(failure why) const {
        std::vector<std::string> hide;
        for (const auto& part : {parsed_.target, parsed_.target.substr(0, parsed_.target.find('?'))}) {
            if (part != "/") hide.push_back(part);
        }
        why.detail = "asking the metadata service at " + parsed_.origin() +
                     " for a token: " + oauth::shown(why.detail, longest_words, hide) +
                     "; check that the editor that runs it is still there";
        return why;
    }

    const std::string host_;
    std::string url_;
    text::url parsed_;
    const login::wall_clock now_;
};

[[noreturn]] void refuse(config_error why, const std::string& words) { throw error(config::failed(why, words)); }

}  // namespace

std::unique_ptr<token_source> login::metadata_service(std::string host, std::string url, wall_clock now) {
    auto normal = config::normal_host(host);
    if (!normal) throw error(normal.error());
    if (config::is_account_host(*normal)) {
        refuse(config_error::bad_value, "a metadata service gives out tokens of workspaces only, and " + *normal +
                                            " is an accounts console: set the workspace's host");
    }
    if (url.empty()) refuse(config_error::no_credentials, "metadata-service needs metadata_service_url");
    auto parsed = text::parse_url(url);
    if (!parsed) {
        refuse(config_error::bad_value,
               "metadata_service_url (not shown, it is a secret) is no URL; wanted: "
               "http://localhost:<port>/<path>");
    }
    if (!text::is_loopback(parsed->host)) {
        refuse(config_error::bad_value, "metadata_service_url has to be of this machine (localhost), not of " +
                                            parsed->host + ": whoever answers there decides which token is used");
    }
    return std::make_unique<metadata_service_source>(std::move(*normal), std::move(url), std::move(*parsed),
                                                     std::move(now));
}

std::unique_ptr<token_source> metadata_service(std::string host, std::string url) {
    return login::metadata_service(std::move(host), std::move(url), [] { return std::chrono::system_clock::now(); });
}

}  // namespace dbxapps
