// What the databricks CLI and the Azure CLI say: the whole input is an answer, a version, a time, and words on stderr.
#include <oauth/az_output.hpp>
#include <oauth/cli_output.hpp>
#include <oauth/cli_version.hpp>
#include <oauth/expiry.hpp>
#include <oauth/program_output.hpp>

#include <fuzz/property.hpp>
#include <oauth/json_member.hpp>

#include <array>

namespace dbxapps::fuzz {
namespace {

constexpr std::int64_t now = 1'800'000'000;
const oauth::cli_login login = {"/usr/bin/databricks", "dev", "https://workspace.example", "acc-1", false};

bool is_sendable(std::string_view token) {
    return !token.empty() && is_printable(token) && token.find(' ') == token.npos;
}

void check_token(const result<token>& read, std::string_view json, std::string_view key) {
    const std::string access = oauth::string_member(json, key);
    if (read) {
        require(is_sendable(access) && read->access_token() == access, "the token is the answer's, and can be sent",
                access);
        // The databricks CLI may not say when; az always does.
        require(read->life() || key == "access_token", "a token of az ends", json);
        require(!read->life() || (*read->life() > duration(0) && *read->life() <= std::chrono::hours(24 * 3660)),
                "a program's token has not ended", json);
        return;
    }
    require_words(read.error(), 400);
    require(access.size() < 16 || !is_sendable(access) || !holds(read.error().detail, access), "no token is shown",
            read.error().detail);
}

void check_version(std::string_view text) {
    const auto read = oauth::read_cli_version(text);
    if (!read) return require_words(read.error(), 300);
    const auto again = oauth::read_cli_version("Databricks CLI " + read->text());
    require(!again || again->number == read->number, "a version is written as it was read", read->text());
    require(is_printable(read->text()) && read->text().size() < text.size() + 20, "a version is short", read->text());
    require(read->at_least({0, 0, 0}) || !read->pre.empty(), "each release is one");
    require(!read->at_least({1'000'001, 0, 0}), "a version has its bounds", read->text());
    for (const auto& who : {login, oauth::cli_login{"databricks", "dev", "", "", false}}) {
        const auto command = oauth::cli_command(who, *read);
        if (!command) {
            require_words(command.error(), 300 + read->text().size());
        } else {
            require(command->front() == who.path && command->size() >= 5, "a command names the login");
        }
    }
}

void check_time(std::string_view text) {
    const auto read = oauth::read_expiry(text, oauth::in_utc);
    if (!read) return require_words(read.error(), 300);
    constexpr std::int64_t first = -2208988800 - 86400, last = 253402300799 + 86400;  // 1900 to 9999
    require(read->seconds >= first && read->seconds <= last && read->nanoseconds < 1'000'000'000, "it is a time", text);
    const std::time_t seconds = read->seconds;
    std::tm civil{};
    require(::gmtime_r(&seconds, &civil) != nullptr, "it is in some year", text);
    if (civil.tm_year < 0 || civil.tm_year > 8099) return;
    std::array<char, 64> written{};
    std::strftime(written.data(), written.size(), "%Y-%m-%dT%H:%M:%SZ", &civil);
    const auto again = oauth::read_expiry(written.data(), oauth::in_utc);
    require(again && again->seconds == read->seconds, "a time is written as it was read", written.data());
}

// A secret among any other words. The word before it is for names whose value it would be otherwise.
void check_secrets(std::string_view words) {
    struct row {
        std::string before, secret;
    };
    const std::array<row, 11> rows = {{{" then ", "eyJhbGciOiJub25lIn0.Pl4ntedS3cretClaims.c2ln"},
                                       {" then ", "dapi0123456789abcdefPl4ntedS3cret"},
                                       {" then Authorization: Bearer ", "Pl4ntedS3cret/of+some~kind=="},
                                       {" then \"refresh_token\": \"", "Pl4ntedS3cret"},
                                       {" then https://x/?client_secret=", "Pl4ntedS3cret"},
                                       {" then https://x/?u=y%26code%3D", "Pl4ntedS3cret"},
                                       {" then Authorization: Basic ", "Pl4nted"},
                                       {" then http://user:", "Pl4ntedS3cret@proxy"},
                                       {" then password=", "Pl4nted,S3cret"},
                                       {" then Cookie: sid=1; id=", "Pl4ntedS3cret"},
                                       {" then -----BEGIN PRIVATE KEY-----\n", "Pl4ntedS3cret"}}};
    const std::string any(words), half = any.substr(0, any.size() / 2), rest = any.substr(half.size());
    if (holds(any, "Pl4nted") || holds(any, "S3cret")) return;
    const auto& [before, secret] = rows[words.size() % rows.size()];
    for (const std::string& text : {any + before + secret, before + secret + " " + any, before + secret + "\"\n" + any,
                                    half + before + secret + " " + rest}) {
        const std::string said = oauth::said(text);
        require(!holds(said, "Pl4nted") && !holds(said, "S3cret"), "no secret is repeated", said);
    }
}

void check_words(std::string_view err) {
    const std::string said = oauth::said(err);
    require(is_printable(said) && said.size() <= 620, "what a program said is one line", said);
    require(oauth::said(said).size() <= said.size() + 3, "nothing is made up", said);
    for (const failure& why :
         {oauth::cli_failure(login, "ended with status 1", err), oauth::az_failure("ended with status 1", err)}) {
        require_words(why, 1200);
        require(holds(why.detail, said.empty() ? "ended with status 1" : said), "the reason is told", why.detail);
    }
    require(!oauth::is_refresh_conflict(err) || !said.empty(), "a conflict has words");
}

void run(std::string_view input) {
    check_token(oauth::read_cli_token(input, now), input, "access_token");
    check_token(oauth::read_az_token(input, now, oauth::in_utc), input, "accessToken");
    const auto account = oauth::read_az_account(input);
    require(!oauth::az_token_arguments("resource", account, "tenant", input).empty(), "there is a command to try");
    check_version(input);
    check_time(input);
    check_words(input);
    check_secrets(input);
}

}  // namespace
}  // namespace dbxapps::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    dbxapps::fuzz::run(dbxapps::fuzz::text_of(data, size));
    return 0;
}
