#include <oauth/cli_output.hpp>

#include <config/config_error.hpp>
#include <oauth/expiry.hpp>
#include <oauth/json_member.hpp>
#include <oauth/jwt_claims.hpp>
#include <oauth/program_output.hpp>
#include <text/ascii.hpp>
#include <text/shell.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace dbxapps::oauth {
namespace {

using config::config_error;

constexpr std::string_view program = "the databricks CLI";
constexpr std::array<std::uint32_t, 3> knows_profile{0, 207, 1}, knows_force{0, 296, 0};

std::string login_command(const cli_login& login) {
    std::string out = "databricks auth login";
    if (!login.host.empty()) out += " --host " + text::shell_quoted(login.host);
    if (login.account_host && !login.account_id.empty()) out += " --account-id " + text::shell_quoted(login.account_id);
    if (!login.profile.empty()) out += " --profile " + text::shell_quoted(login.profile);
    return out;
}

// Each once, without the one that asks for a refresh token.
std::string in_order(const std::vector<std::string>& scopes) {
    std::set<std::string_view> all;
    for (const auto& scope : scopes)
        all.insert(text::trimmed(scope));
    all.erase("");
    all.erase("offline_access");
    std::string out;
    for (const auto scope : all)
        out.append(out.empty() ? "" : " ").append(scope);
    return out;
}

// When the token ends, in seconds since 1970. Nothing: nobody says so, neither the CLI (its Go writes a time that it
// does not have as that of year 1) nor the token itself.
result<std::optional<std::int64_t>> end_in(std::string_view json, std::string_view access_token, std::int64_t now) {
    const std::string expiry = string_member(json, "expiry");
    const bool unsaid = expiry.empty() || expiry == "0001-01-01T00:00:00Z";
    const auto at = read_expiry(expiry, in_utc);
    if (at) return std::optional(at->seconds);
    const auto in = number_member(json, "expires_in");
    if (in && *in != 0) {
        if (!(std::abs(*in) < 1e12)) return unusable_output(program, "has an expires_in that cannot be");
        return std::optional(now + static_cast<std::int64_t>(*in));
    }
    if (!unsaid) return unusable_output(program, "does not tell when the token ends: " + at.error().detail);
    return expiry_in(access_token);
}

bool has(std::string_view words, std::string_view part) noexcept { return words.find(part) != words.npos; }

// Nothing: no words that are known, so it may pass.
struct complaint {
    std::optional<config_error> kind;
    std::string advice;
};

complaint judge(const cli_login& login, std::string_view err) {
    const auto any = [&](std::initializer_list<std::string_view> parts) {
        return std::any_of(parts.begin(), parts.end(), [&](auto part) { return has(err, part); });
    };
    if (any({"databricks OAuth is not", "refresh token is invalid", "no profiles configured", "no profile specified",
             "missing refresh token"})) {
        const bool told = has(err, "databricks auth login");
        return {config_error::login_required, told ? "" : "; run: " + login_command(login)};
    }
    if (any({"uses M2M authentication"}))
        return {config_error::cli_command, "; log in with that client id and secret, or choose another profile"};
    if (any({"Use --profile to specify"})) return {config_error::cli_command, "; name the profile that is meant"};
    if (any({"unknown flag", "unknown command", "unknown shorthand flag"}))
        return {config_error::cli_command, "; upgrade the databricks CLI"};
    return {};
}

}  // namespace

result<std::vector<std::string>> cli_command(const cli_login& login, const std::optional<cli_version>& version,
                                             refreshing how) {
    std::vector<std::string> out = {login.path, "auth", "token"};
    const auto knows = [&](const auto& release) { return version && version->at_least(release); };
    if (!login.profile.empty() && knows(knows_profile)) {
        out.insert(out.end(), {"--profile", login.profile});
    } else if (!login.host.empty()) {
        out.insert(out.end(), {"--host", login.host});
        if (login.account_host && !login.account_id.empty()) out.insert(out.end(), {"--account-id", login.account_id});
    } else if (!login.profile.empty()) {
        return config::failed(config_error::cli_command,
                              "databricks CLI " + (version ? version->text() : std::string("of unknown version")) +
                                  " does not support --profile (requires >= v0.207.1) and no host fallback is "
                                  "configured");
    } else {
        return config::failed(config_error::cli_command,
                              "cannot ask the databricks CLI for a token: neither profile nor host is configured");
    }
    if (how == refreshing::forced_if_known && knows(knows_force)) out.emplace_back("--force-refresh");
    return out;
}

result<token> read_cli_token(std::string_view json, std::int64_t now) {
    const std::string access_token = string_member(json, "access_token");
    const std::string type = string_member(json, "token_type");
    const auto end = end_in(json, access_token, now);
    if (!access_token.empty() && !end) return end.error();
    return program_token(program, access_token, type, end ? *end : std::nullopt, now);
}

bool is_refresh_conflict(std::string_view err) noexcept {
    return has(err, "cache update:") || has(err, "forced token refresh:");
}

failure cli_failure(const cli_login& login, std::string_view ended, std::string_view err) {
    const std::string words = said(err);
    const complaint why = judge(login, err);
    const std::string detail =
        "cannot get access token: " +
        (words.empty() ? text::printable(login.path, 200) + " " + std::string(ended) + " and gave no reason" : words) +
        why.advice;
    return why.kind ? config::failed(*why.kind, detail) : failure(errc::token_unavailable, detail);
}

result<void> check_scopes(const std::vector<std::string>& wanted, const token& t, const cli_login& login) {
    const std::string want = in_order(wanted), have = in_order(scopes_in(t.access_token()));
    if (want == have) return {};
    return config::failed(config_error::scope_mismatch,
                          "the login of the databricks CLI has " +
                              (have.empty() ? std::string("no scopes that its token tells")
                                            : "the scopes " + text::printable(have, 200)) +
                              ", but " + text::printable(want, 200) +
                              " are asked for; log in again with these: " + login_command(login));
}

}  // namespace dbxapps::oauth
