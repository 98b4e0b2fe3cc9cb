#include <oauth/google_keys.hpp>

#include <config/config_error.hpp>
#include <oauth/safe_url.hpp>
#include <text/ascii.hpp>
#include <text/url.hpp>

#include <boost/json.hpp>

#include <cstring>
#include <initializer_list>
#include <utility>

namespace dbxapps::oauth {
namespace {

namespace json = boost::json;
using config::config_error;

constexpr std::string_view usual_token_uri = "https://oauth2.googleapis.com/token";

void wipe(std::string& s) noexcept { explicit_bzero(s.data(), s.size()); }

std::string text_of(const json::object& o, std::string_view key) {
    const json::value* v = o.if_contains(key);
    return v && v->is_string() ? std::string(v->get_string()) : std::string();
}

failure bad(std::string_view where, const std::string& words) {
    return config::failed(config_error::bad_value, std::string(where) + " " + words);
}

result<json::object> read_object(std::string_view text, std::string_view where) {
    boost::system::error_code ec;
    json::value v = json::parse(text, ec);
    if (!ec && v.is_object()) return std::move(v.get_object());
    return config::failed(config_error::parse,
                          std::string(where) + " is not a JSON object, as Google's credentials are");
}

// The first member that is not there as a text with something in it; empty: none.
std::string_view missing(const json::object& o, std::initializer_list<std::string_view> members) {
    for (const auto member : members) {
        if (text_of(o, member).empty()) return member;
    }
    return {};
}

result<google_service_account> service_account_in(const json::object& o, std::string_view where) {
    if (const auto lost = missing(o, {"client_email", "private_key"}); !lost.empty()) {
        return bad(where, "is no key of a service account: it has no '" + std::string(lost) + "'");
    }
    google_service_account out;
    out.email = text_of(o, "client_email");
    out.private_key = text_of(o, "private_key");
    out.key_id = text_of(o, "private_key_id");
    out.token_uri = text_of(o, "token_uri");
    if (out.token_uri.empty()) out.token_uri = usual_token_uri;
    if (!is_safe(out.token_uri)) {
        return bad(where, "has a 'token_uri' that is not https ('" + text::shown_url(out.token_uri) +
                              "'): nothing is sent there");
    }
    return out;
}

result<google_user> user_in(const json::object& o, std::string_view where) {
    if (const auto lost = missing(o, {"client_id", "client_secret", "refresh_token"}); !lost.empty()) {
        return bad(where, "is no login of a user: it has no '" + std::string(lost) +
                              "'; run: gcloud auth application-default login");
    }
    google_user out;
    out.client_id = text_of(o, "client_id");
    out.client_secret = text_of(o, "client_secret");
    out.refresh_token = text_of(o, "refresh_token");
    out.quota_project = text_of(o, "quota_project_id");
    return out;
}

}  // namespace

google_service_account::~google_service_account() { wipe(private_key); }

google_user::~google_user() {
    wipe(client_secret);
    wipe(refresh_token);
}

result<google_login> read_google_login(std::string_view text, std::string_view where) {
    const auto o = read_object(text, where);
    if (!o) return o.error();
    const std::string type = text_of(*o, "type");
    if (type == "service_account") {
        auto read = service_account_in(*o, where);
        if (!read) return read.error();
        return google_login(std::move(*read));
    }
    if (type == "authorized_user") {
        auto read = user_in(*o, where);
        if (!read) return read.error();
        return google_login(std::move(*read));
    }
    if (type.empty()) return bad(where, "has no 'type', as Google's credentials have");
    return bad(where, "holds credentials of the type '" + text::printable(type, 60) +
                          "'; known are service_account and authorized_user");
}

result<google_service_account> read_service_account(std::string_view text, std::string_view where) {
    const auto o = read_object(text, where);
    if (!o) return o.error();
    const std::string type = text_of(*o, "type");
    if (type.empty() || type == "service_account") return service_account_in(*o, where);
    return bad(where, "holds credentials of the type '" + text::printable(type, 60) +
                          "'; wanted is the key of a service account");
}

}  // namespace dbxapps::oauth
