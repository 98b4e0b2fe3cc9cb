#include <oauth/program_output.hpp>

#include <config/config_error.hpp>
#include <text/ascii.hpp>
#include <text/secrets.hpp>

#include <algorithm>

namespace dbxapps::oauth {
namespace {

constexpr std::size_t most_words = 600;
constexpr std::int64_t longest_life_seconds = std::int64_t{10} * 366 * 86400;

}  // namespace

std::string said(std::string_view err) {
    std::string line = text::without_secrets(err);
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
    line.erase(std::unique(line.begin(), line.end(), [](char a, char b) { return a == ' ' && b == ' '; }), line.end());
    std::string_view words = text::trimmed(line);
    // The reason comes last, as after a traceback.
    const bool cut = words.size() > most_words;
    if (cut) words.remove_prefix(words.size() - most_words);
    return (cut ? "..." : "") + text::printable(words, most_words);
}

failure unusable_output(std::string_view program, const std::string& why) {
    return config::failed(config::config_error::parse, "what " + std::string(program) + " answered " + why);
}

result<token> program_token(std::string_view program, std::string_view access_token, std::string_view type,
                            std::optional<std::int64_t> expires_at, std::int64_t now) {
    const bool sendable =
        std::all_of(access_token.begin(), access_token.end(), [](char c) { return c > 0x20 && c < 0x7f; });
    if (access_token.empty()) return unusable_output(program, "is no JSON object with an access token in it");
    if (!sendable) return unusable_output(program, "has characters in its access token that no token has");
    if (!type.empty() && !text::same(type, "bearer"))
        return unusable_output(program, "is of type '" + text::printable(type, 40) + "', not Bearer");
    if (!expires_at) return token(access_token);
    if (*expires_at <= now) {
        return failure(errc::token_unavailable, std::string(program) + " gave a token that ended " +
                                                    std::to_string(now - *expires_at) +
                                                    " s ago; check the clock of this machine");
    }
    return token(access_token, std::chrono::seconds(std::min(*expires_at - now, longest_life_seconds)));
}

}  // namespace dbxapps::oauth
