#include <login/ask_host_metadata.hpp>

#include <algorithm>

namespace dbxapps::login {

boost::asio::awaitable<std::optional<oauth::host_metadata>> ask_host_metadata(transport& via, std::string normal_host,
                                                                              time_point deadline) {
    transport_request question("GET", oauth::metadata_url_of(normal_host));
    question.headers = {{"Accept", "application/json"}};
    question.repeatable = true;
    const auto until = std::min(deadline, clock::now() + std::chrono::seconds(5));
    const auto answer = co_await via.exchange(std::move(question), until);
    std::optional<oauth::host_metadata> out;
    if (answer) out = oauth::read_host_metadata(answer->status(), answer->body());
    co_return out;
}

}  // namespace dbxapps::login
