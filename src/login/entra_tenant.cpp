#include <login/entra_tenant.hpp>

#include <oauth/entra.hpp>

#include <utility>

namespace dbxapps::login {

boost::asio::awaitable<result<std::string>> find_tenant(transport& via, std::string host, time_point deadline) {
    transport_request question("GET", host + "/aad/auth");
    question.repeatable = true;
    auto answer = co_await via.exchange(std::move(question), deadline);
    if (!answer) co_return answer.error();
    co_return oauth::read_tenant(host, answer->status(), answer->header("location"));
}

}  // namespace dbxapps::login
