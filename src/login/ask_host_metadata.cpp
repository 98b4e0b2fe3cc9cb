#include <login/ask_host_metadata.hpp>

#include <algorithm>

namespace dbxapps::login {

boost::asio::awaitable<result<std::optional<oauth::host_metadata>>> ask_host_metadata(transport& via,
                                                                                      std::string normal_host,
                                                                                      time_point deadline) {
    transport_request question("GET", oauth::metadata_url_of(normal_host));
    question.headers = {{"Accept", "application/json"}};
    question.repeatable = true;
    const auto until = std::min(deadline, clock::now() + std::chrono::seconds(5));
    const auto answer = co_await via.exchange(std::move(question), until);
    if (!answer) co_return answer.error();
    co_return oauth::read_host_metadata(answer->status(), answer->body());
}

}  // namespace dbxapps::login
