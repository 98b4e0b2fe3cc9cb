// Answers of a token endpoint, and the login that is kept of them. The first line of the input is the status, the rest
// the body.
#include <oauth/stored_login.hpp>
#include <oauth/token_endpoint.hpp>
#include <oauth/user_grant.hpp>

#include <fuzz/property.hpp>
#include <oauth/json_member.hpp>

#include <chrono>
#include <vector>

namespace dbxapps::fuzz {
namespace {

constexpr std::string_view endpoint = "https://workspace.example/oidc/v1/token";
constexpr std::size_t longest = 700;
// What was sent, and what a server may send back in any spelling.
const std::vector<std::string> hide = {"s3cret-of-the-client", "header.payload.signature", "czNjcmV0OnMzY3JldA==", ""};

bool is_sendable(std::string_view token) {
    return !token.empty() && is_printable(token) && token.find(' ') == token.npos;
}

void check_failure(const failure& why, int status, std::string_view body) {
    require_words(why, longest);
    require(why.status == status, "the failure has the status", why.detail);
    require(holds(why.detail, endpoint) && holds(why.detail, std::to_string(status)), "it says who answered what",
            why.detail);
    for (const auto& secret : hide)
        require(secret.empty() || !holds(why.detail, secret), "what was sent is not shown", why.detail);
    const bool refused = why.is(errc::token_refused);
    require(refused || why.is(errc::token_unavailable), "the code is one of two", why.detail);
    require(!refused || status == 400 || status == 401 || status == 403, "only a refusal is for good", why.detail);
    if (status != 200) require(why.retry_after == std::chrono::seconds(7), "the endpoint's pause is kept", why.detail);

    // A token that cannot be used is no less a secret.
    const std::string access = oauth::string_member(body, "access_token");
    const std::string type = oauth::string_member(body, "token_type");
    if (status != 200 || !is_sendable(access) || access.size() < 16 || holds(type, access)) return;
    const auto bare = oauth::read_token_answer(endpoint, status, "{\"access_token\":\"x\",\"token_type\":\"y\"}");
    require(holds(bare.error().detail, access) || !holds(why.detail, access), "no token is shown", why.detail);
}

void check_token(const token& read, int status, std::string_view body) {
    require(status == 200, "a token comes with 200 only");
    require(is_sendable(read.access_token()), "a token fits into a header field", read.access_token());
    require(read.access_token() == oauth::string_member(body, "access_token"), "it is the answer's");
    require(read.authorization() == "Bearer " + std::string(read.access_token()), "it is a bearer token");
    if (!read.life()) return;
    require(*read.life() >= duration(0) && *read.life() <= std::chrono::hours(24 * 3660), "its life can be counted");
}

void check_grant(const result<token>& access, int status, std::string_view body) {
    const auto grant = oauth::read_grant_answer(endpoint, status, body, "old", std::chrono::seconds(7), hide);
    require(grant.has_value() == access.has_value(), "both readers take the same answers", body);
    const auto verdict = oauth::judge_refresh(status, body);
    using oauth::refresh_verdict;
    require((verdict == refresh_verdict::in_doubt) == (status < 400 || status >= 500),
            "a refresh token is in doubt unless it was refused");
    if (!grant) {
        require(grant.error().detail == access.error().detail, "both readers use the same words");
        const bool dead = grant.error().is(errc::token_refused) && status != 403 &&
                          oauth::string_member(body, "error") == "invalid_grant";
        require(!dead || verdict == refresh_verdict::dead, "who is told to log in loses the refresh token", body);
        return;
    }
    const std::string next = oauth::string_member(body, "refresh_token");
    require(grant->refresh_token == (next.empty() ? "old" : next), "the refresh token is the new one or the old");
    require(grant->access.authorization() == access->authorization() && grant->access.life() == access->life(),
            "both readers read the same token");
}

// What can be kept of it, and the body itself as a file that was kept.
void check_store(const result<token>& access, std::string_view body) {
    const oauth::login_key key{"https://workspace.example", "databricks-cli", "all-apis", "DEFAULT"};
    if (access) {
        oauth::stored_login login;
        login.access_token = access->access_token();
        const auto kept = oauth::read_login(oauth::write_login(key, login), key);
        require(kept && kept->access_token == login.access_token, "every token can be kept", login.access_token);
    }
    const auto read = oauth::read_login(body, key);
    if (!read) {
        require_words(read.error(), 80);
        const std::string secret = oauth::string_member(body, "refresh_token");
        require(secret.size() < 16 || !is_sendable(secret) || !holds(read.error().detail, secret), "no token is shown",
                read.error().detail);
        return;
    }
    require(is_sendable(read->access_token), "a token that was kept can be sent", read->access_token);
    const auto again = oauth::read_login(oauth::write_login(key, *read), key);
    require(again && again->access_token == read->access_token && again->refresh_token == read->refresh_token &&
                again->expires_at == read->expires_at && again->in_doubt_since == read->in_doubt_since,
            "what was kept can be kept again", body);
    for (auto other : {oauth::login_key{"https://other.example", key.client_id, key.scopes, key.profile},
                       oauth::login_key{key.host, key.client_id, "sql", key.profile}})
        require(oauth::read_login(body, other).has_error(), "a login is for its key only", body);
}

void run(std::string_view input) {
    const int status = std::atoi(std::string(take_line(input).substr(0, 3)).c_str());
    const auto read = oauth::read_token_answer(endpoint, status, input, std::chrono::seconds(7), hide);
    if (read) {
        check_token(*read, status, input);
    } else {
        check_failure(read.error(), status, input);
    }
    check_grant(read, status, input);
    check_store(read, input);
}

}  // namespace
}  // namespace dbxapps::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    dbxapps::fuzz::run(dbxapps::fuzz::text_of(data, size));
    return 0;
}
