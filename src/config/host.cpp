#include <config/host.hpp>

#include <text/ascii.hpp>
#include <text/url.hpp>

namespace dbxapps::config {

result<std::string> normal_host(std::string_view given) {
    given = text::trimmed(given);
    const auto mark = given.find("://");
    const bool with_scheme = mark != given.npos && given.find_first_of("/?#") == mark + 1;
    const std::string_view authority = with_scheme ? given.substr(mark + 3) : given;
    if (authority.empty() || authority.find_first_of(":/?#") == 0) {
        return failure(errc::bad_config, "no host configured; set the workspace's URL (DATABRICKS_HOST)");
    }
    const auto parsed = text::parse_url(with_scheme ? std::string(given) : "https://" + std::string(given));
    if (!parsed) return failure(errc::bad_config, "the workspace host cannot be used: " + parsed.error().detail);
    if (!parsed->secure && !text::is_loopback(parsed->host)) {
        return failure(errc::bad_config, "the workspace host " + parsed->host +
                                             " has to be https: credentials are never sent in the clear");
    }
    return (parsed->secure ? "https://" : "http://") + parsed->authority();
}

bool is_account_host(std::string_view host) noexcept {
    return host.starts_with("https://accounts.") || host.starts_with("https://accounts-dod.");
}

}  // namespace dbxapps::config
