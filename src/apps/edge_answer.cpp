#include <apps/edge_answer.hpp>

#include <text/ascii.hpp>
#include <text/fields.hpp>

#include <algorithm>
#include <ostream>

namespace dbxapps::apps {
namespace {

bool says(std::string_view text, std::string_view words) {
    constexpr std::size_t enough = 64 * 1024;
    text = text.substr(0, enough);
    return std::search(text.begin(), text.end(), words.begin(), words.end(),
                       [](char a, char b) { return text::lower(a) == text::lower(b); }) != text.end();
}

bool is_html(const response& r) {
    const std::string_view type = r.header("content-type").value_or("");
    return text::same(text::trimmed(type.substr(0, type.find(';'))), "text/html");
}

// An API's answers begin otherwise, so most are let go without a look at their fields.
bool looks_like_markup(std::string_view body) {
    const auto first = body.find_first_not_of(" \t\r\n\xef\xbb\xbf");
    return first != body.npos && body[first] == '<';
}

// Elsewhere a redirect to a login may follow what was done, and one to the workspace may be the workspace's own.
edge_answer read_redirect(const response& r, const edge_question& asked) {
    const std::string_view location = r.header("location").value_or("");
    if (!is_login_location(location, asked.app_host ? asked.workspace_host : "")) return {};
    const bool nothing_seen = asked.app_host && r.status() == 302;
    if (says(location, "error=private-link")) return {edge_verdict::private_link, nothing_seen};
    return {edge_verdict::not_signed_in, nothing_seen};
}

edge_verdict read_forbidden(std::string_view body) {
    if (says(body, "invalid token") || says(body, "invalid access token")) return edge_verdict::not_signed_in;
    if (says(body, "databricks ip acl")) return edge_verdict::ip_blocked;
    return edge_verdict::no_permission;
}

// A 404 that is no page may be the app's, should the front door ever forget its mark.
edge_verdict read_not_found(const response& r) {
    const bool page = r.body().empty() || is_html(r) || says(r.body(), "apps.app not found");
    return page ? edge_verdict::app_not_found : edge_verdict::app;
}

edge_verdict read_unavailable(const response& r) {
    if (says(r.body(), "app not available")) return edge_verdict::app_unavailable;
    return r.body().empty() || is_html(r) ? edge_verdict::app_stopped : edge_verdict::app_unavailable;
}

edge_verdict read_status(const response& r) {
    switch (r.status()) {
        case 403: return read_forbidden(r.body());
        case 404: return read_not_found(r);
        case 429: return edge_verdict::rate_limited;
        case 502: return edge_verdict::app_unavailable;
        case 503: return read_unavailable(r);
        case 504: return edge_verdict::front_door_timeout;
        default: return edge_verdict::app;
    }
}

std::string_view name_of(edge_verdict v) {
    switch (v) {
        case edge_verdict::app: return "app";
        case edge_verdict::not_signed_in: return "not_signed_in";
        case edge_verdict::no_permission: return "no_permission";
        case edge_verdict::ip_blocked: return "ip_blocked";
        case edge_verdict::private_link: return "private_link";
        case edge_verdict::app_not_found: return "app_not_found";
        case edge_verdict::app_stopped: return "app_stopped";
        case edge_verdict::app_unavailable: return "app_unavailable";
        case edge_verdict::front_door_timeout: return "front_door_timeout";
        case edge_verdict::rate_limited: return "rate_limited";
    }
    return "unknown";
}

}  // namespace

std::ostream& operator<<(std::ostream& out, edge_verdict v) { return out << name_of(v); }

bool is_login_location(std::string_view location, std::string_view workspace_host) {
    std::string_view path = location;
    // scheme://host/.. or //host/..; anything else is a path on the app's own host.
    const auto slashes = location.find("//");
    if (slashes == 0 || (slashes != location.npos && location.find_first_of("/?#") == slashes)) {
        const std::string_view rest = location.substr(slashes + 2);
        const auto slash = std::min(rest.find_first_of("/?#"), rest.size());
        std::string_view host = rest.substr(0, slash);
        host = host.substr(0, host.rfind(':'));
        if (!workspace_host.empty() && text::same(host, workspace_host)) return true;
        path = rest.substr(slash);
    }
    const auto begins = [&](std::string_view prefix) { return path.starts_with(prefix); };
    // /login, /login.html?.. and /login/.. but not /logins or /login-history, which may be the app's own.
    const bool login = begins("/login") && (path.size() == 6 || std::string_view("/?#.").find(path[6]) != path.npos);
    return begins("/oidc/") || begins("/.auth/") || login;
}

bool accepts_html(std::string_view fields) {
    bool asked = false;
    while (const auto ranges = text::next_field(fields, "accept")) {
        if (says(*ranges, "text/html") || says(*ranges, "text/*") || says(*ranges, "*/*") || says(*ranges, "xhtml")) {
            return true;
        }
        asked = true;
    }
    return !asked;
}

bool body_tells(const response& head, const edge_question& asked) {
    if (head.header("gap-auth")) return false;
    if (!asked.app_host) return head.status() == 401;
    return head.status() >= 300 || is_html(head);
}

edge_answer read_edge_answer(const response& r, const edge_question& asked) {
    const int status = r.status();
    const bool page = status < 300 && looks_like_markup(r.body());
    if ((status < 300 && !page) || r.header("gap-auth")) return {};
    if (status == 401) return {edge_verdict::not_signed_in, r.body().empty()};
    if (status == 302 || status == 303 || status == 307) return read_redirect(r, asked);
    if (!asked.app_host) {
        const bool expired = status == 403 && says(r.body(), "invalid access token");  // as a workspace says it
        return {expired ? edge_verdict::not_signed_in : edge_verdict::app};
    }
    if (page) return {is_html(r) && !accepts_html(asked.fields) ? edge_verdict::not_signed_in : edge_verdict::app};
    return {read_status(r)};
}

}  // namespace dbxapps::apps
