#include <apps/app_answers.hpp>

#include <text/ascii.hpp>
#include <text/encoding.hpp>
#include <text/retry_after.hpp>
#include <text/url.hpp>

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>
#include <utility>

namespace dbxapps::apps {
namespace {

namespace json = boost::json;

constexpr std::string_view api = "/api/2.0/apps";
constexpr std::size_t longest_name = 63;
constexpr std::size_t shown = 300;  // bytes of the workspace's words in ours

constexpr std::array compute_states = {
    app_compute_state::active,  app_compute_state::starting, app_compute_state::updating, app_compute_state::stopping,
    app_compute_state::stopped, app_compute_state::error,    app_compute_state::deleting};
constexpr std::array application_states = {application_state::running, application_state::deploying,
                                           application_state::crashed, application_state::unavailable};

template <class State, std::size_t N>
State state_of(std::string_view word, const std::array<State, N>& known) {
    const auto found = std::find_if(known.begin(), known.end(), [&](State s) { return to_string(s) == word; });
    return found == known.end() ? State::unknown : *found;
}

// Absent, null or of another type: empty.
std::string text_of(const json::object& o, std::string_view key) {
    const auto* v = o.if_contains(key);
    return v && v->is_string() ? std::string(v->get_string()) : std::string();
}

const json::object* object_in(const json::object& o, std::string_view key) {
    const auto* v = o.if_contains(key);
    return v ? v->if_object() : nullptr;
}

std::optional<json::object> object_of(std::string_view body) {
    boost::system::error_code ec;
    auto v = json::parse(body, ec);
    if (ec || !v.is_object()) return std::nullopt;
    return std::move(v.get_object());
}

struct status {
    std::string word, message;
};

status status_in(const json::object& o, std::string_view key) {
    const auto* s = object_in(o, key);
    return s ? status{text_of(*s, "state"), text_of(*s, "message")} : status{};
}

// Nothing, or what is wrong with it.
std::string read_into(app_info& out, const json::object& o) {
    out.name = text_of(o, "name");
    if (!check_name(out.name)) return "it has no proper name of an app";
    if (const std::string url = text_of(o, "url"); !url.empty()) {
        auto origin = app_origin(url);
        if (!origin) return "the url of the app " + out.name + " cannot be used: " + origin.error().detail;
        out.url = std::move(*origin);
    }
    auto [compute, compute_message] = status_in(o, "compute_status");
    out.compute_state = state_of(compute, compute_states);
    out.compute_word = std::move(compute);
    out.compute_message = std::move(compute_message);
    auto [app, app_message] = status_in(o, "app_status");
    out.app_state = state_of(app, application_states);
    out.app_word = std::move(app);
    out.app_message = std::move(app_message);
    const auto* scopes = o.if_contains("effective_user_api_scopes");
    if (!scopes || !scopes->is_array()) return {};
    for (const auto& scope : scopes->get_array()) {
        if (scope.is_string()) out.effective_user_api_scopes.emplace_back(scope.get_string());
    }
    return {};
}

// What the workspace says of its refusal, for an error text.
std::string message_of(const response& r, const question& q) {
    const auto body = r.ok() ? std::nullopt : object_of(r.body());
    std::string words = body ? text_of(*body, "message") : "";
    const std::string_view secret = q.presented ? q.presented->access_token() : std::string_view();
    for (auto at = words.find(secret); !secret.empty() && at != words.npos; at = words.find(secret, at + 3))
        words.replace(at, secret.size(), "***");
    return text::printable(words, shown);
}

failure about(errc code, const response& r, const question& q, std::string_view what, std::string_view next) {
    const std::string message = message_of(r, q);
    failure f(code, q.call + ": " + std::string(what) + " (status " + std::to_string(r.status()) +
                        (message.empty() ? "" : ": " + message) + ")" + (next.empty() ? "" : "; " + std::string(next)));
    f.status = r.status();
    f.may_have_arrived = true;
    f.attempts = 1;
    f.request_id = text::printable(r.header("x-request-id").value_or(""), 100);
    if (const auto after = r.header("retry-after")) f.retry_after = text::parse_retry_after(*after, std::time(nullptr));
    return f;
}

failure nonsense(const response& r, const question& q, std::string_view why) {
    return about(errc::bad_response, r, q, "the answer of the workspace makes no sense: " + std::string(why),
                 "check that the host is a workspace's");
}

failure forbidden(const response& r, const question& q) {
    if (r.body().find("Databricks IP ACL") != r.body().npos) {
        return about(errc::ip_blocked, r, q, "the workspace does not let this address in",
                     "have the address added to the workspace's IP access list, or call from one that is on it");
    }
    return about(errc::no_permission, r, q, "the workspace knows the caller, but does not let it do this",
                 "give the token's owner access to the workspace, and CAN USE on the app (CAN MANAGE to start and stop "
                 "it)");
}

failure not_found(const response& r, const question& q) {
    if (q.name.empty()) return nonsense(r, q, "it has no list of apps");
    return about(errc::app_not_found, r, q, "the workspace knows no app '" + std::string(q.name) + "'",
                 "check the name and the workspace; app_directory::list() has the names of those that there are");
}

failure refusal(const response& r, const question& q) {
    const int status = r.status();
    if (status == 403) return forbidden(r, q);
    if (status == 404) return not_found(r, q);
    if (status == 429) {
        return about(errc::rate_limited, r, q, "the workspace says that these are too many requests",
                     "ask less often, and later");
    }
    if (status == 400 || status == 409) {
        return about(errc::app_unavailable, r, q, "the workspace refuses this for the state that the app is in", "");
    }
    if (status >= 500) return about(errc::app_unavailable, r, q, "the workspace cannot answer", "try again later");
    return about(errc::bad_response, r, q, "the workspace answers what was not expected", "check its host");
}

}  // namespace

result<void> check_name(std::string_view name) {
    const bool ok = !name.empty() && name.size() <= longest_name && std::all_of(name.begin(), name.end(), [](char c) {
        return text::is_digit(c) || c == '-' || (c >= 'a' && c <= 'z');
    });
    if (ok) return {};
    return failure(errc::bad_request, "'" + text::printable(name, 100) +
                                          "' is no name of an app: those are 1 to 63 lower-case letters, digits and "
                                          "'-'; for a URL, use the client");
}

std::string app_path(std::string_view name) { return std::string(api) + "/" + std::string(name); }

std::string page_path(std::string_view page_token) {
    std::string out = std::string(api) + "?page_size=100";
    if (!page_token.empty()) out += "&" + text::form_body({{"page_token", page_token}});
    return out;
}

result<std::string> app_origin(std::string_view written) {
    const std::string given(text::trimmed(written));
    auto parsed = text::parse_url(given.find("://") == given.npos ? "https://" + given : given);
    if (!parsed) return parsed.error();
    if (!parsed->secure && !text::is_loopback(parsed->host)) {
        if (parsed->default_port()) parsed->port = 443;
        parsed->secure = true;
    }
    return (parsed->secure ? "https://" : "http://") + parsed->authority();
}

result<app_info> read_app(const response& r, const question& q) {
    if (r.status() != 200) return refusal(r, q);
    const auto body = object_of(r.body());
    if (!body) return nonsense(r, q, "it is no JSON object");
    app_info out;
    if (const auto why = read_into(out, *body); !why.empty()) return nonsense(r, q, why);
    if (out.name != q.name) return nonsense(r, q, "it is about the app " + out.name);
    return out;
}

result<app_page> read_page(const response& r, const question& q) {
    if (r.status() != 200) return refusal(r, q);
    const auto body = object_of(r.body());
    if (!body) return nonsense(r, q, "it is no JSON object");
    app_page out;
    if (const auto* next = body->if_contains("next_page_token"); next && !next->is_null()) {
        if (!next->is_string()) return nonsense(r, q, "its next_page_token is no text");
        out.next = next->get_string();
    }
    const auto* apps = body->if_contains("apps");
    if (!apps || apps->is_null()) return out;
    if (!apps->is_array()) return nonsense(r, q, "its apps are no list");
    for (const auto& app : apps->get_array()) {
        if (!app.is_object()) return nonsense(r, q, "one of its apps is no JSON object");
        const auto why = read_into(out.apps.emplace_back(), app.get_object());
        if (!why.empty()) return nonsense(r, q, why);
    }
    return out;
}

result<void> read_command(const response& r, const question& q) {
    if (r.ok()) return {};
    return refusal(r, q);
}

}  // namespace dbxapps::apps
