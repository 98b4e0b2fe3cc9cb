// Credentials that ask nobody: a token from elsewhere, a personal access token, a user's name and password.
#include <dbxapps/login.hpp>

#include <config/host.hpp>
#include <text/ascii.hpp>
#include <text/encoding.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

namespace dbxapps {
namespace {

constexpr std::string_view personal = "a personal access token";

class fixed_token_source final : public token_source {
public:
    explicit fixed_token_source(token t, std::string host = {}) : token_(std::move(t)), host_(std::move(host)) {}
    boost::asio::awaitable<result<token>> fetch(transport&, time_point) override { co_return token_; }
    bool renewable() const noexcept override { return false; }
    std::string host() const override { return host_; }

private:
    const token token_;
    const std::string host_;
};

[[noreturn]] void refuse(std::string words) { throw error(failure(errc::bad_config, std::move(words))); }

// Of three parts, the first of which is JSON (RFC 7515 section 7.1): then it is an OAuth token, whoever set it.
bool is_jwt(std::string_view t) { return t.starts_with("eyJ") && std::count(t.begin(), t.end(), '.') == 2; }

void check_sendable(std::string_view what, std::string_view secret) {
    const bool sendable =
        !secret.empty() && std::all_of(secret.begin(), secret.end(), [](char c) { return c > 0x20 && c < 0x7f; });
    if (!sendable) refuse(std::string(what) + " has to be printable ASCII without spaces, and not empty");
}

std::string normal(const std::string& host) {
    auto out = config::normal_host(host);
    if (!out) throw error(out.error());
    return std::move(*out);
}

}  // namespace

std::unique_ptr<token_source> fixed_token(std::string access_token) {
    check_sendable("a fixed token", access_token);
    token t(access_token);
    if (access_token.starts_with("dapi")) t.unfit_for_apps(personal);
    explicit_bzero(access_token.data(), access_token.size());
    return std::make_unique<fixed_token_source>(std::move(t));
}

std::unique_ptr<token_source> forwarded_user_token(std::string_view field_value) {
    const std::string_view value = text::trimmed(field_value);
    check_sendable("the value of X-Forwarded-Access-Token", value);
    return std::make_unique<fixed_token_source>(token(value));
}

std::unique_ptr<token_source> personal_access_token(std::string host, std::string secret) {
    check_sendable("a personal access token", secret);
    token t(secret);
    if (!is_jwt(secret)) t.unfit_for_apps(personal);
    explicit_bzero(secret.data(), secret.size());
    return std::make_unique<fixed_token_source>(std::move(t), normal(host));
}

// RFC 7617 section 2: a name has no colon in it, and neither part a control character.
std::unique_ptr<token_source> basic_login(std::string host, std::string username, std::string password) {
    if (username.empty() || password.empty()) refuse("a login by HTTP Basic needs a username and a password");
    if (username.find(':') != username.npos) refuse("a username for HTTP Basic has no colon in it");
    std::string both = username + ":" + password;
    if (text::find_control(both) != both.size()) refuse("a username and a password hold no control characters");
    token t = token::of_authorization("Basic " + text::base64(both));
    t.unfit_for_apps("a username and password");
    explicit_bzero(both.data(), both.size());
    explicit_bzero(password.data(), password.size());
    return std::make_unique<fixed_token_source>(std::move(t), normal(host));
}

}  // namespace dbxapps
