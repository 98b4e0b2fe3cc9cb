// A program that uses a person's stored login for one call, beside others that share it; the integration tests start
// it. Arguments: the workspace's URL, its CA's PEM file, the store, by how many seconds the clock of the login is
// ahead, a file that is locked until the program may begin, and "live", or "die" to be killed as soon as the answer to
// a refresh is there and before anything is done with it. Ends well when the API of the workspace knew the token.
#include <dbxapps/dbxapps.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <iostream>
#include <string>
#include <utility>

namespace {

using boost::asio::awaitable;
using dbxapps::result;

class deadly_transport final : public dbxapps::transport {
public:
    explicit deadly_transport(dbxapps::transport& via) : via_(via) {}
    awaitable<result<dbxapps::response>> exchange(dbxapps::transport_request r, dbxapps::time_point until) override {
        const bool is_refresh = r.method == "POST";
        auto answer = co_await via_.exchange(std::move(r), until);
        if (is_refresh && answer && answer->status() == 200) ::raise(SIGKILL);
        co_return answer;
    }

private:
    dbxapps::transport& via_;
};

class doomed_source final : public dbxapps::token_source {
public:
    explicit doomed_source(std::unique_ptr<token_source> inner) : inner_(std::move(inner)) {}
    awaitable<result<dbxapps::token>> fetch(dbxapps::transport& via, dbxapps::time_point until) override {
        deadly_transport to(via);
        co_return co_await inner_->fetch(to, until);
    }
    bool may_repeat() const noexcept override { return inner_->may_repeat(); }
    std::string host() const override { return inner_->host(); }

private:
    const std::unique_ptr<token_source> inner_;
};

bool wait_for(const char* gate) {
    std::cout << "ready" << std::endl;
    const int fd = ::open(gate, O_RDONLY | O_CLOEXEC);
    return fd >= 0 && ::flock(fd, LOCK_SH) == 0;
}

awaitable<int> call(std::string url, dbxapps::network_options network, std::unique_ptr<dbxapps::token_source> login) {
    const auto ex = co_await boost::asio::this_coro::executor;
    dbxapps::token_options tokens;
    tokens.network = network;
    dbxapps::client_options options;
    options.network = std::move(network);
    const dbxapps::client c(ex, dbxapps::make_token_cache(ex, std::move(login), std::move(tokens)), std::move(options));
    const auto answer = co_await c.try_send(dbxapps::get(url + "/api/me"));
    std::cout << (answer ? "status " + std::to_string(answer->status()) : answer.error().detail) << std::endl;
    co_return answer && answer->status() == 200 ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
    if (count != 7) return 2;
    const std::string url = words[1], what = words[6];
    const std::chrono::seconds ahead(std::stoll(words[4]));
    dbxapps::network_options network;
    network.resolve = {{url.substr(8, url.rfind(':') - 8), 0, "127.0.0.1"}};
    network.tls.system_roots = false;
    network.tls.extra_ca_file = words[2];
    dbxapps::user_login_options options;
    options.host = url;
    options.store = words[3];
    options.clock = [ahead] { return std::chrono::system_clock::now() + ahead; };
    auto login = dbxapps::user_login(std::move(options));
    if (what == "die") login = std::make_unique<doomed_source>(std::move(login));
    if (!wait_for(words[5])) return 2;
    return dbxapps::run(call(url, std::move(network), std::move(login)));
}
