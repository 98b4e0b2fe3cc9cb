#include <login/known_endpoints.hpp>

#include <utility>

namespace dbxapps::login {

boost::asio::awaitable<result<endpoints>> known_endpoints::get(transport& via, time_point deadline) {
    if (kept_) co_return *kept_;
    oauth::issuer who = issuer_;
    auto found = co_await find_endpoints(via, std::move(who), deadline);
    if (found && !found->guessed) kept_ = *found;
    co_return found;
}

}  // namespace dbxapps::login
