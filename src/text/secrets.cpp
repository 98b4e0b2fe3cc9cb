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

// Base64 is written in lines of 64 or 76; of a path, no part is like that.
bool looks_like_base64(std::string_view run) {
    if (run.size() <= longest_plain_word) return false;
    constexpr std::size_t longest_plain_part = 19;
    while (!run.empty()) {
        const std::string_view part = run.substr(0, run.find('/'));
        const bool mixed = has_digit(part) &&
                           std::any_of(part.begin(), part.end(), [](char c) { return c >= 'A' && c <= 'Z'; }) &&
                           std::any_of(part.begin(), part.end(), [](char c) { return c >= 'a' && c <= 'z'; });
        if (part.size() > longest_plain_part && mixed) return true;
        run.remove_prefix(std::min(run.size(), part.size() + 1));
    }
    return false;
}

enum class naming {
    nothing,
    perhaps,   // what is named so may be a secret
    secret,    // is one, up to a mark that ends it
    password,  // is one, and may hold any mark
    field,     // is a header field with one, as long as its line
};

// What does a word name, should a value follow?
naming named_by(std::string_view word) {
    std::string name = lowered(word);
    std::erase_if(name, [](char c) { return c == '_' || c == '-'; });
    constexpr std::array<std::string_view, 8> secrets = {"accesstoken",  "refreshtoken",    "idtoken",
                                                         "clientsecret", "clientassertion", "codeverifier",
                                                         "privatekey",   "accountkey"};
    constexpr std::array<std::string_view, 3> passwords = {"password", "passwd", "pwd"};
    constexpr std::array<std::string_view, 4> fields = {"authorization", "proxyauthorization", "cookie", "setcookie"};
    constexpr std::array<std::string_view, 4> maybe = {"token", "secret", "assertion", "apikey"};
    constexpr std::array<std::string_view, 5> codes = {"code", "authcode", "authorizationcode", "usercode",
                                                       "devicecode"};
    const auto ends = [&](std::string_view with) { return name.ends_with(with); };
    if (std::any_of(secrets.begin(), secrets.end(), ends)) return naming::secret;
    if (std::any_of(passwords.begin(), passwords.end(), ends)) return naming::password;
    if (std::find(fields.begin(), fields.end(), name) != fields.end()) return naming::field;
    const bool code = std::find(codes.begin(), codes.end(), name) != codes.end();
    return code || std::any_of(maybe.begin(), maybe.end(), ends) ? naming::perhaps : naming::nothing;
}

struct value {
    std::size_t at = 0, size = 0;
};

bool ends_value(char c, naming what) noexcept {
    if (is_space(c) || is_quote(c)) return true;
    return what != naming::password && (c == '&' || c == ',' || c == ';' || c == ')' || c == '}' || c == ']');
}

// Of a field without quotes of its own: to the end of its line. What stands before its name tells how it is written: in
// quotes, which end it, unless they are escaped; in quotes that are escaped themselves; or behind an escaped line's
// end.
std::size_t size_of_line(std::string_view from, std::string_view before) {
    const auto other = std::find_if_not(before.rbegin(), before.rend(), is_quote);
    const auto count = static_cast<std::size_t>(other - before.rbegin());
    const std::string_view quotes = before.substr(before.size() - count);
    const bool escape = quotes.ends_with('\\');
    const bool opening = !escape && count > 0 && (other == before.rend() || !is_secret_char(*other));
    const char mark = escape ? '"' : opening ? quotes.back() : '\n';
    const bool marks_escaped = opening && count > 1;
    for (std::size_t at = 0; at < from.size(); ++at) {
        if (from[at] == '\n' || from[at] == '\r' || (!marks_escaped && from[at] == mark)) return at;
        if (from[at] != '\\' || (!escape && !opening)) continue;
        const std::size_t slashes = run(from.substr(at), [](char c) { return c == '\\'; });
        const char next = at + slashes < from.size() ? from[at + slashes] : '\n';
        if (slashes == 1 && escape && (next == 'n' || next == 'r')) return at;
        if (slashes == 1 && marks_escaped && next == mark) return at;
        at += slashes;
    }
    return from.size();
}

// `opening`: the quotes before it. One alone is closed by its like, if that is not escaped.
std::size_t size_of_value(std::string_view from, naming what, std::string_view opening) {
    if (opening == "\"" || opening == "'") {
        std::size_t at = 0;
        while (at < from.size() && from[at] != opening[0])
            at += from[at] == '\\' ? 2 : 1;
        return std::min(at, from.size());
    }
    const bool quoted = !opening.empty();
    const auto end =
        std::find_if(from.begin(), from.end(), [&](char c) { return quoted ? is_quote(c) : ends_value(c, what); });
    return static_cast<std::size_t>(end - from.begin());
}

// Of a key in PEM (RFC 7468), all of it; 0: there is none.
std::size_t pem_size(std::string_view words) {
    constexpr std::string_view first = "-----BEGIN", last = "-----END", dashes = "-----";
    if (!words.starts_with(first)) return 0;
    const auto end = words.find(last);
    if (end == words.npos) return words.size();
    const std::string_view label = words.substr(end + last.size());
    const std::size_t size = run(label, [](char c) { return c == ' ' || (is_alnum(c) && c != lower(c)); });
    return end + last.size() + (label.substr(size).starts_with(dashes) ? size + dashes.size() : 0);
}

// Of "Bearer abc" in a field, what stands before the secret.
std::size_t scheme_size(std::string_view from) {
    const std::size_t size = run(from, is_word_char);
    const bool known = same(from.substr(0, size), "bearer") || same(from.substr(0, size), "basic");
    return known ? size + run(from.substr(size), is_blank) : 0;
}

// The value behind a name, if there is one that has to be hidden. `before`: what stands before the name.
value value_behind(std::string_view rest, naming what, std::string_view before) {
    const std::size_t quotes = run(rest, is_quote);
    std::size_t at = quotes + run(rest.substr(quotes), is_space);
    const bool encoded = same(rest.substr(at, 3), "%3d");
    if (!encoded && (at >= rest.size() || (rest[at] != ':' && rest[at] != '='))) return {};
    const bool prose = quotes == 0 && rest[at] == ':';
    at += encoded ? 3 : 1;
    at += run(rest.substr(at), is_space);
    const std::string_view opening = rest.substr(at, run(rest.substr(at), is_quote));
    at += opening.size();
    if (what == naming::field) at += scheme_size(rest.substr(at));
    const std::string_view from = rest.substr(at);
    if (what == naming::perhaps) {
        // So much tells; looking at all of it for each name would take its time.
        const std::string_view start = from.substr(0, 256);
        const std::string_view text = start.substr(0, size_of_value(start, what, opening));
        if (prose && (text.size() < shortest_secret || !has_digit(text))) return {};         // "the token: timed out"
        if (text.size() <= 6 && std::all_of(text.begin(), text.end(), is_digit)) return {};  // "code: 401"
    }
    const bool line = what == naming::field && opening.empty();
    return {at, std::max(pem_size(from), line ? size_of_line(from, before) : size_of_value(from, what, opening))};
}

// What follows the name of a scheme in an Authorization field.
value credentials_behind(std::string_view rest) {
    std::size_t at = rest.starts_with(':') ? 1 : 0;
    at += run(rest.substr(at), is_space);
    if (at == 0) return {};
    const std::size_t size = run(rest.substr(at), is_secret_char);
    const bool any = size >= shortest_secret && (size >= 20 || has_digit(rest.substr(at, size)));
    return any ? value{at, size} : value{};
}

// Behind "://": who is named before the host.
value user_behind(std::string_view words) {
    if (!words.starts_with("://")) return {};
    const std::string_view from = words.substr(3);
    const auto end = from.find_first_of("/?# \t\r\n\"'");
    const auto at = from.substr(0, end).rfind('@');
    return at == from.npos ? value{} : value{3, at};
}

// Of "\nabc" or "%20abc", what is no part of the word.
std::size_t escape_size(std::string_view before, std::string_view words) {
    if (before.ends_with('\\'))
        return words.starts_with('n') || words.starts_with('r') || words.starts_with('t') ? 1 : 0;
    const bool encoded = before.ends_with('%') && words.size() > 2 && is_alnum(words[0]) && is_alnum(words[1]);
    return encoded ? 2 : 0;
}

value value_of(std::string_view word, std::string_view rest, std::string_view before) {
    if (word.empty()) return user_behind(rest);
    if (const naming what = named_by(word); what != naming::nothing) return value_behind(rest, what, before);
    return same(word, "bearer") || same(word, "basic") ? credentials_behind(rest) : user_behind(rest);
}

// What has to be hidden at the first word or behind it; without a size, where it ends. `before`: what stands there.
value hidden_in(std::string_view words, std::string_view before) {
    const std::size_t escape = escape_size(before, words);
    if (const std::size_t key = pem_size(words.substr(escape)); key > 0) return {escape, key};
    const bool begins = before.empty() || !is_secret_char(before.back());
    const std::size_t whole = begins ? run(words, is_secret_char) : 0;
    if (looks_like_base64(words.substr(0, whole))) return {0, whole};
    const std::size_t size = run(words, is_word_char);
    const std::string_view word = words.substr(0, size), rest = words.substr(size);
    const std::string_view bare = word.substr(std::min(escape, size));
    if (looks_secret(word) || looks_secret(bare)) return {0, size + run(rest, is_secret_char)};
    value found = value_of(word, rest, before);
    if (found.size == 0 && escape > 0) found = value_of(bare, rest, before);
    return {size + found.at, found.size};
}

}  // namespace

std::string without_secrets(std::string_view words) {
    std::string out;
    while (!words.empty()) {
        const value hidden = hidden_in(words, out);
        out.append(words.substr(0, hidden.at));
        words.remove_prefix(hidden.at + hidden.size);
        if (hidden.size > 0) {
            out += "***";
        } else if (!words.empty() && !is_word_char(words.front())) {
            out += words.front();
            words.remove_prefix(1);
        }
    }
    return out;
}

}  // namespace dbxapps::text
