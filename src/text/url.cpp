#include <text/url.hpp>

#include <text/ascii.hpp>
#include <text/swar.hpp>

#include <arpa/inet.h>

#include <algorithm>

namespace dbxapps::text {
namespace {

// Shows the URL as far as it cannot hold a secret: not its query, and nothing of one in which a password may stand.
failure malformed(std::string_view text, std::string_view why) {
    const auto shown = text.find('@') == text.npos
                           ? "'" + printable(text.substr(0, text.find_first_of("?#")), 200) + "'"
                           : std::string("(not shown, a password may stand before its '@')");
    return {errc::bad_request, "the URL " + shown + " " + std::string(why) + "; wanted: https://<host>/<path>"};
}

bool is_v4(const std::string& host) {
    in_addr a{};
    return inet_pton(AF_INET, host.c_str(), &a) == 1;
}
bool is_v6(const std::string& host) {
    in6_addr a{};
    return inet_pton(AF_INET6, host.c_str(), &a) == 1;
}

// Letters, digits and hyphens in labels of 1 to 63, 253 in all; an underscore is seen in practice. A number as the last
// label would be an IPv4 address in one of its odd spellings (RFC 3986 section 7.4): only the usual one is taken.
bool is_name(const std::string& host) {
    if (host.empty() || host.size() > 253) return false;
    std::size_t from = 0;
    for (;;) {
        const std::size_t dot = std::min(host.find('.', from), host.size());
        const std::string_view label = std::string_view(host).substr(from, dot - from);
        if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
        if (!std::all_of(label.begin(), label.end(), [](char c) { return is_alnum(c) || c == '-' || c == '_'; })) {
            return false;
        }
        if (dot == host.size()) {
            const bool hex = label.starts_with("0x");
            return !hex && !std::all_of(label.begin(), label.end(), is_digit);
        }
        from = dot + 1;
    }
}

// host[:port] or [v6][:port]. Empty: well-formed.
std::string_view split_authority(std::string_view authority, url& out) {
    std::string_view port;
    if (authority.starts_with('[')) {
        const auto close = authority.find(']');
        if (close == authority.npos) return "has a '[' without its ']'";
        out.host = lowered(authority.substr(1, close - 1));
        out.ip_literal = true;
        if (!is_v6(out.host)) return "has no IPv6 address between its brackets";
        port = authority.substr(close + 1);
        if (!port.empty() && port[0] != ':') return "has something else than a port after its host";
    } else {
        const auto colon = std::min(authority.find(':'), authority.size());
        out.host = lowered(authority.substr(0, colon));
        out.ip_literal = is_v4(out.host);
        if (!out.ip_literal && !is_name(out.host)) return "has no proper host name";
        port = authority.substr(colon);
    }
    if (port.empty()) return {};
    const auto number = parse_number(port.substr(1));
    if (!number || *number == 0 || *number > 65535) return "has a port that is not between 1 and 65535";
    out.port = static_cast<std::uint16_t>(*number);
    return {};
}

}  // namespace

std::string url::authority() const {
    std::string out = host.find(':') == host.npos ? host : "[" + host + "]";
    if (!default_port()) out += ":" + std::to_string(port);
    return out;
}

std::string url::origin() const {
    const bool v6 = host.find(':') != host.npos;
    return (secure ? "https://" : "http://") + (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string url::without_query() const {
    return (secure ? "https://" : "http://") + authority() + target.substr(0, target.find('?'));
}

namespace {

std::size_t authority_size(std::string_view s) noexcept {
    std::size_t at = 0;
    for (; s.size() - at >= swar::bytes; at += swar::bytes) {
        const swar::word w = swar::load(s.data() + at);
        const auto marks = swar::equal(w, '/') | swar::equal(w, '?') | swar::equal(w, '#');
        if (marks != 0) return at + swar::lowest(marks);
    }
    while (at < s.size() && s[at] != '/' && s[at] != '?' && s[at] != '#')
        ++at;
    return at;
}

}  // namespace

url_parts split_url(std::string_view text) noexcept {
    const auto colon = text.find("://");
    if (colon == text.npos) return {text, {}};
    const std::size_t path = colon + 3 + authority_size(text.substr(colon + 3));
    const std::string_view target = text.substr(path);
    return {text.substr(0, path), target.substr(0, target.find('#'))};
}

bool is_sound(std::string_view text) noexcept {
    for (; text.size() >= swar::bytes; text.remove_prefix(swar::bytes)) {
        const swar::word w = swar::load(text.data());
        if (swar::below(w, 0x21) | swar::equal(w, 0x7f) | swar::equal(w, '\\') | (w & swar::tops)) return false;
    }
    return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f && c != '\\'; });
}

result<url> parse_url(std::string_view text) {
    url out;
    if (text.size() > longest_url) return malformed(text, "is longer than 64 KiB");
    if (!is_sound(text)) {
        return malformed(text, "contains a space, a backslash, or a character that has to be percent-encoded");
    }
    const auto [origin, target] = split_url(text);
    const auto colon = origin.find("://");
    const auto scheme = origin.substr(0, std::min(colon, origin.size()));
    if (colon == text.npos || (!same(scheme, "https") && !same(scheme, "http"))) {
        return malformed(text, "does not begin with https://");
    }
    out.secure = scheme.size() == 5;
    out.port = out.secure ? 443 : 80;
    const std::string_view authority = origin.substr(colon + 3);
    if (authority.find('@') != authority.npos) {
        return failure(errc::bad_request,
                       "a URL with a user name or password in it is not sent; take the part before "
                       "'@' out of it");
    }
    if (const auto why = split_authority(authority, out); !why.empty()) return malformed(text, why);
    out.target = target;
    if (!out.target.starts_with('/')) out.target.insert(0, "/");
    return out;
}

bool is_loopback(std::string_view host) noexcept {
    if (host == "localhost" || host == "::1") return true;
    in_addr a{};
    const std::string text(host);
    if (text.find('\0') != text.npos) return false;
    return inet_pton(AF_INET, text.c_str(), &a) == 1 && (ntohl(a.s_addr) >> 24) == 127;
}

std::string shown_url(std::string_view url) {
    url = url.substr(0, url.find_first_of("?#"));
    const auto scheme = url.find("://");
    const std::size_t begin = scheme == url.npos ? 0 : scheme + 3;
    const auto at = url.substr(begin, url.find('/', begin) - begin).rfind('@');
    const std::string whole =
        at == url.npos ? std::string(url) : std::string(url.substr(0, begin)) + std::string(url.substr(begin + at + 1));
    return printable(whole, 200);
}

}  // namespace dbxapps::text
