#include <login/google_token.hpp>

#include <net/sign.hpp>
#include <oauth/shown.hpp>
#include <text/encoding.hpp>
#include <text/retry_after.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

namespace dbxapps::login {
namespace {

using boost::asio::awaitable;

// A metadata service answers at once or not at all.
constexpr std::chrono::seconds longest_metadata{10};

transport_request to_send(const oauth::google_request& what) {
    transport_request out(what.ask.method, what.ask.url);
    out.headers = what.ask.headers;
    out.body = what.ask.body;
    out.repeatable = true;  // none of Google's grants is spent by its use
    out.to_instance_metadata = what.to_machine;
    return out;
}

// With the signature alone, too: the rest of an assertion is no secret, but that makes it one.
std::vector<std::string> secrets_in(const std::string& assertion) {
    return {assertion, assertion.substr(assertion.rfind('.') + 1)};
}

}  // namespace

awaitable<result<std::string>> ask_google(transport& via, oauth::google_request asked, std::vector<std::string> secrets,
                                          wall_clock now, time_point deadline) {
    auto question = to_send(asked);
    const time_point until = asked.to_machine ? std::min(deadline, clock::now() + longest_metadata) : deadline;
    const auto hide = oauth::spellings_of(secrets);
    auto answer = co_await via.exchange(std::move(question), until);
    if (!answer) co_return answer.error();
    const auto wait = answer->header("retry-after");
    const auto retry_after = wait ? text::parse_retry_after(*wait, seconds_by(now)) : std::nullopt;
    const oauth::google_answer said = {answer->status(), answer->body(), retry_after};
    auto read = oauth::read_google_answer(asked, asked.ask.url, said, hide);
    explicit_bzero(answer->body().data(), answer->body().size());
    co_return read;
}

awaitable<result<std::string>> ask_as_service_account(transport& via, oauth::google_service_account who,
                                                      by_assertion what, std::string value, wall_clock now,
                                                      time_point deadline) {
    const bool id_token = what == by_assertion::id_token;
    const std::string text =
        oauth::assertion_to_sign(who, id_token ? "target_audience" : "scope", value, seconds_by(now));
    const auto signature = net::sign_rs256(who.private_key, text);
    if (!signature) co_return signature.error();
    const std::string assertion = text + "." + text::base64url(*signature);
    auto asked = id_token ? oauth::id_token_by_assertion(who.token_uri, assertion)
                          : oauth::access_token_by_assertion(who.token_uri, assertion);
    co_return co_await ask_google(via, std::move(asked), secrets_in(assertion), std::move(now), deadline);
}

time_point soon(time_point deadline) { return std::min(deadline, clock::now() + std::chrono::seconds(5)); }

result<token> presented(std::string id_token, result<std::string> access_token, std::int64_t now) {
    if (!access_token && (access_token.error().is(errc::closed) || access_token.error().is(errc::cancelled))) {
        return access_token.error();
    }
    auto out = oauth::presented_id_token(id_token, now);
    if (out && access_token) out->workspace_field("X-Databricks-GCP-SA-Access-Token", *access_token);
    explicit_bzero(id_token.data(), id_token.size());
    if (access_token) explicit_bzero(access_token->data(), access_token->size());
    return out;
}

}  // namespace dbxapps::login
