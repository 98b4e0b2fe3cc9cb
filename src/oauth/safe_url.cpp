#include <oauth/safe_url.hpp>

#include <text/url.hpp>

namespace dbxapps::oauth {

bool is_safe(std::string_view url) {
    const auto parsed = text::parse_url(url);
    return parsed && (parsed->secure || text::is_loopback(parsed->host));
}

bool is_safe(std::string_view url, std::string_view from) {
    const auto parsed = text::parse_url(url), giver = text::parse_url(from);
    return is_safe(url) && giver && (parsed->secure || !giver->secure);
}

}  // namespace dbxapps::oauth
