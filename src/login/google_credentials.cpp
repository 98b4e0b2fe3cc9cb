// A service account of Google signs for itself.
#include <config/config_error.hpp>
#include <config/host.hpp>
#include <config/read_file.hpp>
#include <login/google_token.hpp>
#include <login/google_ways.hpp>
#include <net/sign.hpp>
#include <oauth/google_keys.hpp>

#include <cstring>
#include <utility>

namespace dbxapps::login {
namespace {

using boost::asio::awaitable;
using config::config_error;

constexpr std::size_t largest_file = 65536;
// What is longer is more likely a key in an odd encoding: it is neither looked for nor shown.
constexpr std::size_t longest_path = 1024;

[[noreturn]] void refuse(const failure& why) { throw error(why); }

std::string scopes() {
    std::string out;
    for (const auto scope : oauth::google_workspace_scopes())
        out.append(out.empty() ? "" : " ").append(scope);
    return out;
}

class google_credentials_source final : public token_source {
public:
    google_credentials_source(std::string host, oauth::google_service_account who, wall_clock now)
        : host_(std::move(host)), who_(std::move(who)), now_(std::move(now)) {}

    std::string host() const override { return host_; }

    awaitable<result<token>> fetch(transport& via, time_point deadline) override {
        auto id = co_await ask_as_service_account(via, who_, by_assertion::id_token, host_, now_, deadline);
        if (!id) co_return id.error();
        auto access =
            co_await ask_as_service_account(via, who_, by_assertion::access_token, scopes(), now_, soon(deadline));
        co_return presented(std::move(*id), std::move(access), seconds_by(now_));
    }

private:
    const std::string host_;
    const oauth::google_service_account who_;
    const wall_clock now_;
};

// The JSON text, by the path if it is one, and what to call it.
std::pair<std::string, std::string> text_of_key(const std::string& key, const config::environment& env) {
    const auto begin = key.find_first_not_of(" \t\r\n");
    if (begin == key.npos) {
        refuse(config::failed(config_error::no_credentials,
                              "google-credentials needs the key of a service account (GOOGLE_CREDENTIALS): its JSON, "
                              "or the path of a file with that"));
    }
    if (key[begin] == '{') return {key, "the service account's key (GOOGLE_CREDENTIALS)"};
    if (key.size() > longest_path || key.find('\n') != key.npos) {
        refuse(config::failed(config_error::parse,
                              "the service account's key (GOOGLE_CREDENTIALS) is neither JSON nor "
                              "the path of a file with that"));
    }
    auto path = config::expand_home(key, env("HOME").value_or(""));
    if (!path) refuse(path.error());
    auto text = config::read_text_file(*path, largest_file);
    if (!text) refuse(text.error());
    if (!*text) {
        refuse(config::failed(config_error::no_credentials, "google_credentials (GOOGLE_CREDENTIALS) names the file " +
                                                                *path + ", which does not exist"));
    }
    return {std::move(**text), "the file " + *path};
}

}  // namespace

std::unique_ptr<token_source> google_credentials(std::string given_host, std::string key,
                                                 const config::environment& env, wall_clock now) {
    auto host = config::normal_host(given_host);
    if (!host) refuse(host.error());
    auto [text, where] = text_of_key(key, env);
    auto who = oauth::read_service_account(text, where);
    explicit_bzero(text.data(), text.size());
    explicit_bzero(key.data(), key.size());
    if (!who) refuse(who.error());
    // Now, so that a key that cannot sign is told before anything is sent.
    if (auto can = net::sign_rs256(who->private_key, "x"); !can) {
        refuse(config::failed(config_error::bad_value,
                              "the private_key in " + where + " cannot be used: " + can.error().detail));
    }
    return std::make_unique<google_credentials_source>(std::move(*host), std::move(*who), std::move(now));
}

}  // namespace dbxapps::login

namespace dbxapps {

std::unique_ptr<token_source> google_credentials(std::string host, std::string key) {
    return login::google_credentials(std::move(host), std::move(key), config::process_environment,
                                     std::chrono::system_clock::now);
}

}  // namespace dbxapps
