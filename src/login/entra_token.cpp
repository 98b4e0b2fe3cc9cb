#include <login/entra_token.hpp>

#include <login/send.hpp>
#include <oauth/entra.hpp>
#include <text/retry_after.hpp>

#include <cstring>
#include <utility>

namespace dbxapps::login {

transport_request to_send(oauth::http_request what) {
    return outgoing(std::move(what), true);  // neither a secret nor an assertion is spent by its use
}

boost::asio::awaitable<result<token>> ask_entra(transport& via, transport_request request,
                                                std::vector<std::string> hide, wall_clock now, time_point deadline) {
    const std::string endpoint = request.url.substr(0, request.url.find('?'));
    auto answer = co_await via.exchange(std::move(request), deadline);
    if (!answer) co_return answer.error();
    const std::int64_t at = seconds_by(now);
    const auto wait = answer->header("retry-after");
    const auto retry_after = wait ? text::parse_retry_after(*wait, at) : std::nullopt;
    auto read = oauth::read_entra_answer(endpoint, answer->status(), answer->body(), at, retry_after, hide);
    explicit_bzero(answer->body().data(), answer->body().size());
    co_return read;
}

}  // namespace dbxapps::login
