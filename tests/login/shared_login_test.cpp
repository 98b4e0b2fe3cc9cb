// Processes that share one stored login, and a token endpoint that takes each refresh token once: two that refresh at
// once, and one that is killed while it does.
#include <dbxapps/user_login.hpp>
#include <login/token_store.hpp>
#include <support/answers.hpp>
#include <support/temporary_directory.hpp>
#include <support/workspace.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>

namespace dbxapps::test {
namespace {

using tcp = asio::ip::tcp;

constexpr std::int64_t start = 1893456000;
const std::string host = "https://w.cloud.databricks.com";

std::string json_answer(const std::string& status, const std::string& body) {
    return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// Rotates refresh tokens, and remembers each that was used.
class rotating_endpoint {
public:
    explicit rotating_endpoint(asio::io_context& io)
        : acceptor_(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
        asio::co_spawn(io, serve(), asio::detached);
    }
    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    int refreshes = 0;
    int reuses = 0;

private:
    awaitable<void> serve() {
        for (;;) {
            auto [ec, socket] = co_await acceptor_.async_accept(asio::as_tuple(asio::use_awaitable));
            if (ec) co_return;
            std::string form;
            (void)co_await asio::async_read_until(socket, asio::dynamic_buffer(form), "\n",
                                                  asio::as_tuple(asio::use_awaitable));
            const std::string said = judge(form);
            (void)co_await asio::async_write(socket, asio::buffer(said), asio::as_tuple(asio::use_awaitable));
        }
    }
    std::string judge(const std::string& form) {
        const auto from = form.find("refresh_token=r-");
        const std::string sent = form.substr(from, form.find('&', from) - from);
        if (!used_.insert(sent).second) ++reuses;
        if (sent != "refresh_token=r-" + std::to_string(refreshes))
            return json_answer("400 Bad Request", R"({"error":"invalid_grant"})");
        const std::string n = std::to_string(++refreshes);
        return json_answer("200 OK",
                           R"({"access_token":"a-)" + n + R"(","expires_in":3600,"refresh_token":"r-)" + n + R"("})");
    }

    tcp::acceptor acceptor_;
    std::set<std::string> used_;
};

enum class killed { never, before_the_request, after_the_answer };

// Forms go to the endpoint of the test, one line each; the documents are made up here.
class line_transport final : public transport {
public:
    line_transport(std::uint16_t port, killed when) : port_(port), when_(when) {}
    awaitable<result<response>> exchange(transport_request r, time_point) override {
        if (r.method == "GET")
            co_return support::answer(json_answer("200 OK", R"({"token_endpoint":")" + host + R"(/oidc/v1/token"})"));
        if (when_ == killed::before_the_request) ::raise(SIGKILL);
        tcp::socket socket(co_await asio::this_coro::executor);
        const tcp::endpoint to(asio::ip::address_v4::loopback(), port_);
        co_await socket.async_connect(to, asio::use_awaitable);
        const std::string line = r.body + "\n";
        co_await asio::async_write(socket, asio::buffer(line), asio::use_awaitable);
        std::string said;
        (void)co_await asio::async_read(socket, asio::dynamic_buffer(said), asio::as_tuple(asio::use_awaitable));
        if (when_ == killed::after_the_answer) ::raise(SIGKILL);
        co_return support::answer(said);
    }

private:
    const std::uint16_t port_;
    const killed when_;
};

user_login_options options_for(const std::string& store, std::int64_t wall) {
    user_login_options out;
    out.host = host;
    out.store = store;
    out.clock = [wall] { return std::chrono::system_clock::time_point(std::chrono::seconds(wall)); };
    return out;
}

// In the child: ready, set, fetch. Ends as 0 with the token of this round.
[[noreturn]] void fetch_and_exit(user_login_options options, std::uint16_t port, const std::string& expected, int ready,
                                 int go) {
    const auto source = user_login(std::move(options));
    line_transport wire(port, killed::never);
    asio::io_context io;
    char byte = 'x';
    if (::write(ready, &byte, 1) != 1 || ::read(go, &byte, 1) < 0) ::_exit(3);
    int code = 2;
    asio::co_spawn(
        io,
        [&]() -> awaitable<void> {
            const auto r = co_await source->fetch(wire, clock::now() + 60s);
            code = r && r->access_token() == expected ? 0 : 1;
        },
        asio::detached);
    io.run_for(100s);
    ::_exit(code);
}

struct SharedLogin : testing::Test {
    temporary_directory home;
    const std::string store_path = home.path() + "/tokens";
    const login::token_store store{store_path, {host, "databricks-cli", "offline_access all-apis", ""}};
    asio::io_context io;
    rotating_endpoint endpoint{io};

    // Whose access token has just ended.
    SharedLogin() {
        asio::io_context first;
        asio::co_spawn(
            first,
            [&]() -> awaitable<void> {
                oauth::stored_login login;
                login.access_token = "a-0";
                login.refresh_token = "r-0";
                login.expires_at = start;
                const auto held = co_await store.lock(clock::now() + 10s);
                EXPECT_TRUE(held && store.write(*held, login));
            },
            asio::detached);
        run_out(first);
    }
    oauth::stored_login stored() const {
        const auto found = store.read();
        EXPECT_TRUE(found && found->login);
        return found && found->login ? *found->login : oauth::stored_login();
    }
    // A fetch by another process, which is killed on the way.
    void fetch_and_be_killed(killed when) {
        const pid_t process = ::fork();
        if (process == 0) {
            const auto source = user_login(options_for(store_path, start));
            line_transport wire(endpoint.port(), when);
            asio::io_context own;
            asio::co_spawn(
                own, [&]() -> awaitable<void> { (void)co_await source->fetch(wire, clock::now() + 60s); },
                asio::detached);
            own.run_for(100s);
            ::_exit(1);
        }
        int status = 0;
        EXPECT_TRUE(eventually(io, [&] { return ::waitpid(process, &status, WNOHANG) != 0; }));
        EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    }
    result<token> fetch(std::int64_t wall) {
        const auto source = user_login(options_for(store_path, wall));
        line_transport wire(endpoint.port(), killed::never);
        result<token> out = failure(errc::closed, "never ended");
        bool ended = false;
        asio::co_spawn(
            io,
            [&]() -> awaitable<void> {
                out = co_await source->fetch(wire, clock::now() + 60s);
                ended = true;
            },
            asio::detached);
        EXPECT_TRUE(eventually(io, [&] { return ended; }));
        return out;
    }
};

TEST_F(SharedLogin, TwoProcessesNeverSpendOneRefreshTokenTwice) {
    for (int round = 1; round <= 20; ++round) {
        int ready[2], go[2];
        ASSERT_EQ(::pipe(ready), 0);
        ASSERT_EQ(::pipe(go), 0);
        std::vector<pid_t> children;
        for (int i = 0; i < 2; ++i) {
            children.push_back(::fork());
            ASSERT_GE(children.back(), 0);
            if (children.back() != 0) continue;
            ::close(go[1]);
            fetch_and_exit(options_for(store_path, start + round * 7200), endpoint.port(), "a-" + std::to_string(round),
                           ready[1], go[0]);
        }
        char byte;
        for (int i = 0; i < 2; ++i)
            ASSERT_EQ(::read(ready[0], &byte, 1), 1);
        ::close(go[1]);  // both begin at once
        int left = 2, failed = 0;
        ASSERT_TRUE(eventually(io, [&] {
            int status = 0;
            while (left > 0 && ::waitpid(-1, &status, WNOHANG) > 0) {
                --left;
                failed += WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : 1;
            }
            return left == 0;
        }));
        for (const int fd : {ready[0], ready[1], go[0]})
            ::close(fd);
        ASSERT_EQ(failed, 0) << "in round " << round;
        ASSERT_EQ(endpoint.refreshes, round);
        ASSERT_EQ(endpoint.reuses, 0);
    }
}

// The endpoint has rotated, and nobody has the new refresh token.
TEST_F(SharedLogin, AKillBetweenTheAnswerAndTheStoreLosesTheLogin) {
    fetch_and_be_killed(killed::after_the_answer);
    EXPECT_EQ(endpoint.refreshes, 1);
    EXPECT_EQ(stored().access_token, "a-0");
    EXPECT_EQ(stored().refresh_token, "r-0");
    EXPECT_EQ(stored().in_doubt_since, start);

    const auto early = fetch(start + 59);
    ASSERT_FALSE(early);
    EXPECT_TRUE(early.error().is(errc::token_unavailable)) << early.error().detail;
    EXPECT_TRUE(early.error().detail.ends_with("or log in again: dbxapps auth login --host " + host));
    EXPECT_EQ(endpoint.reuses, 0) << "nothing is sent";
    const auto late = fetch(start + 60);
    ASSERT_FALSE(late);
    EXPECT_TRUE(late.error().is(errc::login_required)) << late.error().detail;
    EXPECT_TRUE(late.error().detail.ends_with("run: dbxapps auth login --host " + host)) << late.error().detail;
    EXPECT_EQ(endpoint.reuses, 1);
    EXPECT_TRUE(fetch(start + 60).error().is(errc::login_required));
    EXPECT_EQ(endpoint.reuses, 1) << "once";
}

TEST_F(SharedLogin, AKillBeforeTheRequestCostsAMinute) {
    fetch_and_be_killed(killed::before_the_request);
    EXPECT_EQ(endpoint.refreshes, 0);
    EXPECT_EQ(stored().in_doubt_since, start);
    EXPECT_FALSE(fetch(start + 59));
    const auto late = fetch(start + 60);
    ASSERT_TRUE(late) << late.error().detail;
    EXPECT_EQ(late->access_token(), "a-1");
    EXPECT_EQ(endpoint.reuses, 0);
    EXPECT_EQ(stored().in_doubt_since, std::nullopt);
}

}  // namespace
}  // namespace dbxapps::test
