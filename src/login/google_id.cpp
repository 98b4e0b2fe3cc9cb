// A service account of Google that the application default credentials may act as: whose they are is found out at each
// fetch, as a person may log in meanwhile.
#include <config/config_error.hpp>
#include <config/host.hpp>
#include <config/read_file.hpp>
#include <login/google_token.hpp>
#include <login/google_ways.hpp>
#include <oauth/google_keys.hpp>

#include <cstring>
#include <optional>
#include <utility>

namespace dbxapps::login {
namespace {

using boost::asio::awaitable;
using config::config_error;

constexpr std::size_t largest_file = 65536;

// Where application default credentials may lie, in their order. Empty: nowhere.
struct places {
    std::string named;  // by GOOGLE_APPLICATION_CREDENTIALS
    std::string usual;  // of gcloud
};

places places_in(const config::environment& env) {
    places out;
    out.named = env("GOOGLE_APPLICATION_CREDENTIALS").value_or("");
    const std::string home = env("HOME").value_or("");
    if (!home.empty()) out.usual = home + "/.config/gcloud/application_default_credentials.json";
    return out;
}

// Nothing: there is no such file.
result<std::optional<oauth::google_login>> read_login(const std::string& path) {
    auto text = config::read_text_file(path, largest_file);
    if (!text) return text.error();
    if (!*text) return std::optional<oauth::google_login>();
    auto read = oauth::read_google_login(**text, "the file " + path);
    explicit_bzero((*text)->data(), (*text)->size());
    if (!read) return read.error();
    return std::optional<oauth::google_login>(std::move(*read));
}

result<std::optional<oauth::google_login>> find_login(const places& where) {
    if (where.named.empty()) {
        return where.usual.empty() ? std::optional<oauth::google_login>() : read_login(where.usual);
    }
    auto named = read_login(where.named);
    if (!named || *named) return named;
    return config::failed(config_error::no_credentials,
                          "GOOGLE_APPLICATION_CREDENTIALS names the file " + where.named + ", which does not exist");
}

failure not_on_google_cloud(failure why) {
    constexpr std::string_view advice =
        "; there are no application default credentials: set GOOGLE_APPLICATION_CREDENTIALS, run gcloud auth "
        "application-default login, or run this on a machine of Google Cloud";
    if (why.is(errc::resolve_failed))
        return config::failed(config_error::no_credentials, why.detail + std::string(advice));
    if (why.is(errc::connect_failed) || why.is(errc::timed_out) || why.is(errc::host_not_allowed)) why.detail += advice;
    return why;
}

class google_id_source final : public token_source {
public:
    google_id_source(std::string host, std::string service_account, places where, wall_clock now)
        : host_(std::move(host)),
          service_account_(std::move(service_account)),
          where_(std::move(where)),
          now_(std::move(now)) {}

    std::string host() const override { return host_; }

    awaitable<result<token>> fetch(transport& via, time_point deadline) override {
        auto login = find_login(where_);
        if (!login) co_return login.error();
        auto own = co_await access_token(via, *login, deadline);
        if (!own) co_return own.error();
        const std::string project = quota_project_of(*login);
        const std::vector<std::string> secrets = {*own};
        auto first = oauth::id_token_of(service_account_, host_, *own, project);
        auto id = co_await ask_google(via, std::move(first), secrets, now_, deadline);
        if (!id) co_return id.error();
        auto second = oauth::access_token_of(service_account_, *own, project);
        auto access = co_await ask_google(via, std::move(second), secrets, now_, soon(deadline));
        explicit_bzero(own->data(), own->size());
        co_return presented(std::move(*id), std::move(access), seconds_by(now_));
    }

private:
    static std::string quota_project_of(const std::optional<oauth::google_login>& login) {
        const auto* user = login ? std::get_if<oauth::google_user>(&*login) : nullptr;
        return user ? user->quota_project : std::string();
    }

    // Of the identity that may act as the service account.
    awaitable<result<std::string>> access_token(transport& via, const std::optional<oauth::google_login>& login,
                                                time_point deadline) {
        std::vector<std::string> secrets;
        if (!login) {
            auto machine = oauth::access_token_of_machine();
            auto came = co_await ask_google(via, std::move(machine), secrets, now_, deadline);
            if (came) co_return came;
            co_return not_on_google_cloud(came.error());
        }
        if (const auto* user = std::get_if<oauth::google_user>(&*login)) {
            secrets = {user->client_secret, user->refresh_token};
            auto refresh = oauth::access_token_of_user(*user);
            co_return co_await ask_google(via, std::move(refresh), secrets, now_, deadline);
        }
        const auto& account = std::get<oauth::google_service_account>(*login);
        std::string scope(oauth::google_cloud_scope);
        co_return co_await ask_as_service_account(via, account, by_assertion::access_token, std::move(scope), now_,
                                                  deadline);
    }

    const std::string host_;
    const std::string service_account_;
    const places where_;
    const wall_clock now_;
};

}  // namespace

std::unique_ptr<token_source> google_id(std::string given_host, std::string service_account,
                                        const config::environment& env, wall_clock now) {
    auto host = config::normal_host(given_host);
    if (!host) throw error(host.error());
    if (service_account.empty()) {
        throw error(
            config::failed(config_error::no_credentials,
                           "google-id needs a service account's e-mail address (DATABRICKS_GOOGLE_SERVICE_ACCOUNT)"));
    }
    return std::make_unique<google_id_source>(std::move(*host), std::move(service_account), places_in(env),
                                              std::move(now));
}

}  // namespace dbxapps::login

namespace dbxapps {

std::unique_ptr<token_source> google_id(std::string host, std::string service_account) {
    return login::google_id(std::move(host), std::move(service_account), config::process_environment,
                            std::chrono::system_clock::now);
}

}  // namespace dbxapps
