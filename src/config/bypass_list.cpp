#include <config/bypass_list.hpp>

#include <text/ascii.hpp>

#include <arpa/inet.h>

#include <algorithm>

namespace dbxapps::config {
namespace {

constexpr unsigned v4_bits = 96;  // in front of an IPv4 address

template <class Ip>
bool is_v4(const Ip& a) {
    return std::all_of(a.begin(), a.begin() + 10, [](unsigned char b) { return b == 0; }) && a[10] == 255 &&
           a[11] == 255;
}

bool is_name(std::string_view s) {
    return std::all_of(s.begin(), s.end(),
                       [](char c) { return text::is_alnum(c) || c == '-' || c == '_' || c == '.'; });
}

// Takes ":port" off the end; false if something else stands there.
bool take_port(std::string& host, std::uint16_t& port) {
    const auto colon = host.rfind(':');
    if (colon == host.npos) return true;
    const auto number = text::parse_number(std::string_view(host).substr(colon + 1));
    if (!number || *number == 0 || *number > 65535) return false;
    port = static_cast<std::uint16_t>(*number);
    host.resize(colon);
    return true;
}

}  // namespace

std::optional<bypass_list::ip> bypass_list::parse_ip(const std::string& text) {
    ip out{};
    if (text.find('\0') != text.npos) return std::nullopt;
    if (inet_pton(AF_INET6, text.c_str(), out.data()) == 1) return out;
    if (inet_pton(AF_INET, text.c_str(), out.data() + 12) != 1) return std::nullopt;
    out[10] = out[11] = 255;
    return out;
}

std::optional<bypass_list::entry> bypass_list::parse_network(const std::string& text) {
    const auto slash = text.find('/');
    const auto bits = text::parse_number(std::string_view(text).substr(slash + 1));
    entry out;
    out.network = parse_ip(text.substr(0, slash));
    if (!out.network || !bits) return std::nullopt;
    const bool dotted = text.find(':') == text.npos;
    if (*bits > (dotted ? 32u : 128u)) return std::nullopt;
    out.prefix = static_cast<unsigned>(*bits) + (dotted ? v4_bits : 0);
    return out;
}

std::optional<bypass_list::entry> bypass_list::parse(std::string_view given) {
    std::string text = text::lowered(text::trimmed(given));
    if (text.find('/') != text.npos) return parse_network(text);
    entry out;
    out.prefix = 128;
    if ((out.network = parse_ip(text))) return out;
    if (const auto close = text.find(']'); text.starts_with('[') && close != text.npos) {
        std::string port = text.substr(close + 1);
        out.network = parse_ip(text.substr(1, close - 1));
        return out.network && take_port(port, out.port) && port.empty() ? std::optional(out) : std::nullopt;
    }
    if (!take_port(text, out.port)) return std::nullopt;
    if ((out.network = parse_ip(text))) return out;
    if (text == "*") return out;
    if (text.starts_with("*.")) text.erase(0, 1);
    if (text.starts_with('.')) text.erase(0, 1);
    if (text.ends_with('.')) text.pop_back();
    if (text.empty() || !is_name(text)) return std::nullopt;
    out.name = std::move(text);
    return out;
}

bool bypass_list::add(std::string_view text) {
    auto made = parse(text);
    if (made) entries_.push_back(std::move(*made));
    return made.has_value();
}

void bypass_list::add_all(std::string_view text) {
    constexpr std::string_view between = ", \t";
    for (;;) {
        const auto from = text.find_first_not_of(between);
        if (from == text.npos) return;
        text.remove_prefix(from);
        const auto size = std::min(text.find_first_of(between), text.size());
        add(text.substr(0, size));
        text.remove_prefix(size);
    }
}

bool bypass_list::within(const ip& host, const entry& e) {
    if (is_v4(host) != is_v4(*e.network)) return false;
    const unsigned whole = e.prefix / 8, rest = e.prefix % 8;
    if (!std::equal(host.begin(), host.begin() + whole, e.network->begin())) return false;
    return rest == 0 || ((host[whole] ^ (*e.network)[whole]) >> (8 - rest)) == 0;
}

bool bypass_list::covers(const std::string& host, std::uint16_t port) const {
    const auto address = parse_ip(host);
    return std::any_of(entries_.begin(), entries_.end(), [&](const entry& e) {
        if (e.port != 0 && e.port != port) return false;
        if (e.network) return address && within(*address, e);
        if (e.name.empty()) return true;
        if (address || !host.ends_with(e.name)) return false;
        return host.size() == e.name.size() || host[host.size() - e.name.size() - 1] == '.';
    });
}

const bypass_list& always_bypassed() {
    static const bypass_list list = [] {
        bypass_list out;
        out.add_all("localhost, 127.0.0.0/8, ::1, 169.254.0.0/16, fe80::/10");
        out.add_all("metadata.google.internal, fd00:ec2::254, 168.63.129.16, 100.100.100.200");
        return out;
    }();
    return list;
}

}  // namespace dbxapps::config
