#include <apps/host_guard.hpp>

#include <text/ascii.hpp>

#include <algorithm>
#include <utility>

namespace dbxapps::apps {
namespace {

constexpr std::string_view apps_domain = ".databricksapps.com";

}  // namespace

// parse_url has refused empty labels, so a suffix with something before it is a proper subdomain.
bool is_app_host(const text::url& u) {
    return !u.ip_literal && u.host.size() > apps_domain.size() && u.host.ends_with(apps_domain);
}

host_guard::host_guard(const std::vector<std::string>& allowed) {
    for (const auto& host : allowed)
        allow(host);
}

void host_guard::allow(std::string_view host) {
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    if (host.empty()) return;
    std::string name = text::lowered(host);
    const auto place = std::lower_bound(allowed_.begin(), allowed_.end(), name);
    if (place == allowed_.end() || *place != name) allowed_.insert(place, std::move(name));
}

result<void> host_guard::check(const text::url& u, std::string_view workspace) const {
    if (!u.secure && !text::is_loopback(u.host)) {
        return failure(errc::host_not_allowed, "plain http would show the token to everybody on the way to " + u.host +
                                                   "; use https (http is for loopback hosts only)");
    }
    if ((u.secure && is_app_host(u)) || u.host == workspace) return {};
    if (std::binary_search(allowed_.begin(), allowed_.end(), u.host)) return {};
    return failure(errc::host_not_allowed,
                   "the token does not go to " + u.host +
                       ": it is neither an app (*.databricksapps.com) nor the workspace; if you "
                       "trust it, name it in client_options::allow_hosts");
}

}  // namespace dbxapps::apps
