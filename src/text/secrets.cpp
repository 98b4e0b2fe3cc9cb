#include <text/secrets.hpp>

#include <text/ascii.hpp>

#include <algorithm>
#include <array>

namespace dbxapps::text {
namespace {

constexpr std::size_t longest_plain_word = 47;  // a UUID has 36
constexpr std::size_t shortest_secret = 8;

constexpr bool is_word_char(char c) noexcept { return is_alnum(c) || c == '_' || c == '-'; }
// As tokens are written (RFC 6750 section 2.1).
constexpr bool is_secret_char(char c) noexcept {
    return is_word_char(c) || c == '.' || c == '~' || c == '+' || c == '/' || c == '=';
}
constexpr bool is_space(char c) noexcept { return is_blank(c) || c == '\n' || c == '\r'; }
constexpr bool is_quote(char c) noexcept { return c == '"' || c == '\'' || c == '\\'; }

std::size_t run(std::string_view s, bool (*fits)(char)) {
    return static_cast<std::size_t>(std::find_if_not(s.begin(), s.end(), fits) - s.begin());
}

bool has_digit(std::string_view s) { return std::any_of(s.begin(), s.end(), is_digit); }

bool looks_secret(std::string_view word) {
    const bool databricks = word.starts_with("dapi") || word.starts_with("dose");
    return (word.starts_with("eyJ") && word.size() >= shortest_secret) ||
           (databricks && word.size() >= 12 && has_digit(word)) ||
           (word.size() > longest_plain_word && has_digit(word));
}

enum class naming { nothing, perhaps, secret };

// What does a word name, should a value follow?
naming named_by(std::string_view word) {
    std::string name = lowered(word);
    std::erase_if(name, [](char c) { return c == '_' || c == '-'; });
    constexpr std::array<std::string_view, 7> secrets = {"accesstoken",     "refreshtoken", "idtoken", "clientsecret",
                                                         "clientassertion", "codeverifier", "password"};
    constexpr std::array<std::string_view, 4> maybe = {"token", "secret", "assertion", "apikey"};
    constexpr std::array<std::string_view, 5> codes = {"code", "authcode", "authorizationcode", "usercode",
                                                       "devicecode"};
    const auto ends = [&](std::string_view with) { return name.ends_with(with); };
    if (std::any_of(secrets.begin(), secrets.end(), ends)) return naming::secret;
    const bool code = std::find(codes.begin(), codes.end(), name) != codes.end();
    return code || std::any_of(maybe.begin(), maybe.end(), ends) ? naming::perhaps : naming::nothing;
}

struct value {
    std::size_t at = 0, size = 0;
};

// The value behind a name, if there is one that has to be hidden.
value value_behind(std::string_view rest, naming what) {
    const std::size_t quotes = run(rest, is_quote);
    std::size_t at = quotes + run(rest.substr(quotes), is_space);
    if (at >= rest.size() || (rest[at] != ':' && rest[at] != '=')) return {};
    const bool prose = quotes == 0 && rest[at] == ':';
    ++at;
    at += run(rest.substr(at), is_space);
    const std::size_t opening = run(rest.substr(at), is_quote);
    at += opening;
    const std::string_view from = rest.substr(at);
    const std::size_t size = opening > 0 ? run(from, [](char c) { return !is_quote(c); }) : run(from, [](char c) {
        return !is_space(c) && !is_quote(c) && c != '&' && c != ',' && c != ';' && c != ')' && c != '}' && c != ']';
    });
    const std::string_view text = from.substr(0, size);
    if (what == naming::secret) return {at, size};
    if (prose && (size < shortest_secret || !has_digit(text))) return {};  // "cannot refresh the token: timed out"
    if (size <= 6 && std::all_of(text.begin(), text.end(), is_digit)) return {};  // "code: 401"
    return {at, size};
}

// What follows the name of a scheme in an Authorization field.
value credentials_behind(std::string_view rest) {
    const std::size_t at = run(rest, is_space);
    const std::size_t size = run(rest.substr(at), is_secret_char);
    const bool any = at > 0 && size >= shortest_secret && (size >= 20 || has_digit(rest.substr(at, size)));
    return any ? value{at, size} : value{};
}

}  // namespace

std::string without_secrets(std::string_view words) {
    std::string out;
    while (!words.empty()) {
        const std::size_t size = run(words, is_word_char);
        const std::string_view word = words.substr(0, size), rest = words.substr(size);
        value hidden;
        if (looks_secret(word)) {
            hidden = {0, size + run(rest, is_secret_char)};
            out += "***";
            words.remove_prefix(hidden.size);
            continue;
        }
        if (const naming what = named_by(word); size > 0 && what != naming::nothing) {
            hidden = value_behind(rest, what);
        } else if (same(word, "bearer") || same(word, "basic")) {
            hidden = credentials_behind(rest);
        }
        out.append(word).append(rest.substr(0, hidden.at));
        words = rest.substr(hidden.at + hidden.size);
        if (hidden.size > 0) out += "***";
        if (hidden.size == 0 && !words.empty() && !is_word_char(words.front())) {
            out += words.front();
            words.remove_prefix(1);
        }
    }
    return out;
}

}  // namespace dbxapps::text
