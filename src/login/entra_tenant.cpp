#include <login/entra_tenant.hpp>

#include <login/send.hpp>
#include <oauth/entra.hpp>

#include <utility>

namespace dbxapps::login {

boost::asio::awaitable<result<std::string>> find_tenant(transport& via, std::string host, time_point deadline) {
    transport_request question("GET", host + "/aad/auth");
    question.repeatable = true;
    auto answer = co_await via.exchange(std::move(question), deadline);
    if (!answer) co_return answer.error();
    auto out = oauth::read_tenant(host, answer->status(), answer->header("location"));
    if (out) co_return out;
    failure why = std::move(out).error();
    why.retry_after = retry_after_of(*answer);
    co_return why;
}

}  // namespace dbxapps::login
