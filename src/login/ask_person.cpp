#include <login/ask_person.hpp>

#include <net/digest.hpp>
#include <net/redirect_listener.hpp>

#include <boost/asio/this_coro.hpp>

#include <utility>

namespace dbxapps::login {
namespace {

using boost::asio::awaitable;

// By name, not by address: clients are registered with this one.
std::string redirect_uri(std::uint16_t port) { return "http://localhost:" + std::to_string(port); }

result<person_answer> answer(result<std::string> code, std::string uri) {
    if (!code) return std::move(code).error();
    person_answer out;
    out.code = std::move(*code);
    out.redirect_uri = std::move(uri);
    return out;
}

awaitable<result<person_answer>> by_copy(const user_login_options& options, oauth::authorization_request request,
                                         std::shared_ptr<const oauth::login_attempt> attempt) {
    request.redirect_uri = redirect_uri(options.ports.front());
    const std::string url = oauth::authorization_url(request);
    const auto pasted = co_await options.ask(url);
    if (!pasted) co_return pasted.error();
    auto code = oauth::read_redirect(oauth::pasted_query(*pasted), attempt->state);
    if (!code && code.error().is(errc::bad_request)) {
        co_return failure(errc::login_required, code.error().detail +
                                                    "; copy the whole address that the browser "
                                                    "shows after the login, and of this login");
    }
    co_return answer(std::move(code), request.redirect_uri);
}

awaitable<result<person_answer>> by_browser(const user_login_options& options, oauth::authorization_request request,
                                            std::shared_ptr<const oauth::login_attempt> attempt, time_point until,
                                            std::shared_ptr<net::stops> ends) {
    const net::loop here(co_await boost::asio::this_coro::executor);
    auto listener = net::redirect_listener::open(options.ports, here);
    if (!listener) co_return std::move(listener).error();
    request.redirect_uri = redirect_uri(listener->port());
    options.open(oauth::authorization_url(request));
    auto code = co_await net::redirect_listener::wait(std::move(*listener), attempt->state, until, std::move(ends));
    co_return answer(std::move(code), request.redirect_uri);
}

}  // namespace

awaitable<result<person_answer>> ask_person(const user_login_options& options, std::string authorize_url,
                                            std::string scope, std::shared_ptr<const oauth::login_attempt> attempt,
                                            time_point until, std::shared_ptr<net::stops> ends) {
    oauth::authorization_request request;
    request.endpoint = std::move(authorize_url);
    request.client_id = options.client_id;
    request.scope = std::move(scope);
    request.state = attempt->state;
    request.challenge = oauth::code_challenge(net::sha256(attempt->verifier));
    if (options.ask) return by_copy(options, std::move(request), std::move(attempt));
    return by_browser(options, std::move(request), std::move(attempt), until, std::move(ends));
}

}  // namespace dbxapps::login
