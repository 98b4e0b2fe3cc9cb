#include <apps/edge_answer.hpp>

#include <text/ascii.hpp>

#include <algorithm>
#include <ostream>

namespace dbxapps::apps {

std::ostream& operator<<(std::ostream& out, edge_verdict v) {
    return out << (v == edge_verdict::app ? "app" : "not_signed_in");
}

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

edge_answer read_edge_answer(const response& r, std::string_view workspace_host) {
    const bool redirect = r.status() == 302 || r.status() == 303 || r.status() == 307;
    if ((!redirect && r.status() != 401) || r.header("gap-auth")) return {};
    if (r.status() == 401) return {edge_verdict::not_signed_in, r.body().empty()};
    if (redirect && is_login_location(r.header("location").value_or(""), workspace_host)) {
        return {edge_verdict::not_signed_in, true};
    }
    return {};
}

}  // namespace dbxapps::apps
