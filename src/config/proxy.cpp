#include <config/proxy.hpp>

#include <text/ascii.hpp>
#include <text/encoding.hpp>
#include <text/url.hpp>

#include <algorithm>

namespace dbxapps::config {
namespace {

failure no_proxy_url(std::string_view setting, std::string_view why) {
    return {errc::bad_config, std::string(setting) + " " + std::string(why) +
                                  "; wanted: http://[user:password@]host[:port], or https:// (percent-encode what is "
                                  "special in user and password)"};
}

// RFC 7617 section 2: control characters are out, and a user has no colon.
std::optional<std::string> authorization_of(std::string_view userinfo) {
    const auto colon = std::min(userinfo.find(':'), userinfo.size());
    const auto user = text::percent_decoded(userinfo.substr(0, colon));
    const auto password = text::percent_decoded(userinfo.substr(std::min(colon + 1, userinfo.size())));
    if (!user || !password || user->find(':') != user->npos) return std::nullopt;
    const std::string both = *user + ":" + *password;
    if (text::find_control(both) != both.size()) return std::nullopt;
    return "Basic " + text::base64(both);
}

// The first of a variable's two spellings that is set to something.
struct variable {
    std::string name, value;
};
variable read(const environment& from, const std::string& lower, const std::string& upper) {
    for (const auto& name : {lower, upper}) {
        if (auto value = from(name); value && !text::trimmed(*value).empty()) return {name, std::move(*value)};
    }
    return {};
}

}  // namespace

// A password with a '/', '?' or '#' in it that was not encoded ends the host early, so nothing may stand behind that.
result<proxy> parse_proxy(std::string_view text, std::string_view setting) {
    text = text::trimmed(text);
    const std::string whole = (text.find("://") == text.npos ? "http://" : "") + std::string(text);
    const std::string_view origin = text::split_url(whole).origin;
    const std::string_view behind = std::string_view(whole).substr(origin.size());
    if (!behind.empty() && behind != "/") return no_proxy_url(setting, "has more than a host and a port");
    const auto authority = origin.find("://") + 3;
    const auto at = origin.rfind('@');
    const auto host = at == origin.npos ? authority : at + 1;
    const auto parsed = text::parse_url(std::string(origin.substr(0, authority)).append(origin.substr(host)));
    if (!parsed) return no_proxy_url(setting, "does not name an http or https proxy");
    proxy out{parsed->secure, parsed->host, parsed->port, parsed->ip_literal, {}};
    if (host > authority + 1) {
        auto made = authorization_of(origin.substr(authority, at - authority));
        if (!made) return no_proxy_url(setting, "has a user or a password that cannot be sent");
        out.authorization = std::move(*made);
    }
    return out;
}

result<proxy_rule> proxy_rule::make(const proxy_options& options, const environment& process) {
    const environment nothing = [](const std::string&) { return std::nullopt; };
    const environment& from = options.from_environment ? process : nothing;
    proxy_rule out;
    variable url{"network.proxy.url", options.url};
    if (url.value.empty()) url = read(from, "https_proxy", "HTTPS_PROXY");
    if (!url.value.empty()) {
        auto parsed = parse_proxy(url.value, url.name);
        if (!parsed) return std::move(parsed).error();
        out.proxy_ = std::move(*parsed);
    }
    for (const auto& entry : options.bypass) {
        if (!out.bypass_.add(entry)) {
            return failure(errc::bad_config, "network.proxy.bypass has '" + text::printable(entry, 100) +
                                                 "'; wanted: a host name, an IP address or a network like 10.0.0.0/8");
        }
    }
    if (options.bypass.empty()) out.bypass_.add_all(read(from, "no_proxy", "NO_PROXY").value);
    return out;
}

const proxy* proxy_rule::on_the_way_to(const std::string& host, std::uint16_t port) const {
    if (!proxy_ || always_bypassed().covers(host, port) || bypass_.covers(host, port)) return nullptr;
    return &*proxy_;
}

}  // namespace dbxapps::config
