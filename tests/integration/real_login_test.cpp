// Logins at a real OAuth server, of a service principal and of a person, alone and by two processes at once.
#include <integration/environment.hpp>
#include <integration/oidc_server.hpp>
#include <login/token_store.hpp>
#include <support/temporary_directory.hpp>

#include <boost/json.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <memory>

namespace dbxapps::integration {
namespace {

constexpr auto program_within = 60s;

// Held until the programs that wait for it may begin.
class gate {
public:
    explicit gate(const folder& in)
        : file((in.path() / "gate").string()), fd_(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
        if (fd_ < 0 || ::flock(fd_, LOCK_EX) != 0) throw std::runtime_error("cannot lock " + file);
    }
    ~gate() { ::close(fd_); }
    gate(const gate&) = delete;
    gate& operator=(const gate&) = delete;
    void open() { ::flock(fd_, LOCK_UN); }

    const std::string file;

private:
    const int fd_;
};

// What the server saw since it was started.
struct server_events {
    std::int64_t refreshed, reused, revoked;
    friend bool operator==(const server_events&, const server_events&) = default;
    friend server_events operator-(const server_events& a, const server_events& b) {
        return {a.refreshed - b.refreshed, a.reused - b.reused, a.revoked - b.revoked};
    }
    friend std::ostream& operator<<(std::ostream& out, const server_events& e) {
        return out << e.refreshed << " refreshed, " << e.reused << " reused, " << e.revoked << " revoked";
    }
};

class RealLogin : public testing::Test {
public:
    static void TearDownTestSuite() { server.reset(); }
    void SetUp() override {
        try {
            if (!server) server = std::make_unique<oidc_server>();
        } catch (const std::exception& e) {
            FAIL() << e.what();
        }
        options_ = options();
        before_ = events();
    }

protected:
    user_login_options options() {
        user_login_options out;
        out.host = server->url();
        out.store = (home_.path() / "tokens").string();
        out.ports = {0};
        out.warn = [](const std::string& words) { ADD_FAILURE() << words; };
        out.clock = [this] { return began_ + ahead_; };
        return out;
    }
    // Lets this person log in by the browser.
    void open_for(person who) {
        options_.open = [this, who](const std::string& url) {
            browser_ = std::make_unique<child>(server->user_agent(who, url, home_));
        };
    }
    // Who the API of the workspace says the caller is, or the failure's words.
    std::string me(std::unique_ptr<token_source> login) {
        asio::io_context io;
        token_options tokens;
        tokens.network = server->network();
        client_options one;
        one.network = server->network();
        one.retry.max_retries = 0;
        const client c(io.get_executor(), make_token_cache(io.get_executor(), std::move(login), tokens), one);
        auto answer = call(io, c, get(server->url() + "/api/me"));
        why_ = answer ? failure() : answer.error();
        return answer ? answer->body() : why_.detail;
    }
    std::string me() { return me(user_login(options_)); }

    static server_events events() {
        asio::io_context io;
        client_options one;
        one.network = server->network();
        one.allow_hosts = {"emulated.cloud.databricks.com"};
        const client c(io.get_executor(), make_token_cache(io.get_executor(), fixed_token("none")), one);
        const auto answer = call(io, c, get(server->url() + "/test/events"));
        if (!answer) throw std::runtime_error(answer.error().detail);
        const auto seen = boost::json::parse(answer->body());
        return {seen.at("refreshed").as_int64(), seen.at("reused").as_int64(), seen.at("revoked").as_int64()};
    }
    server_events seen() const { return events() - before_; }

    login::token_store store(const std::string& scopes = "offline_access all-apis") const {
        return {options_.store, {server->url(), "databricks-cli", scopes, ""}};
    }
    oauth::stored_login stored(const std::string& scopes = "offline_access all-apis") const {
        const auto found = store(scopes).read();
        EXPECT_TRUE(found) << found.error().detail;
        return found && found->login ? *found->login : oauth::stored_login();
    }
    program shared_login(const gate& at, const std::string& what, const std::string& log) const {
        program p;
        p.name = DBXAPPS_SHARED_LOGIN;
        p.arguments = {
            server->url(), server->ca_file().string(), options_.store, std::to_string(ahead_.count()), at.file, what};
        p.folder = home_.path();
        p.log = home_.path() / log;
        return p;
    }
    static bool is_ready(const child& c) { return c.log().starts_with("ready\n"); }

    static inline std::unique_ptr<oidc_server> server;
    const folder home_;
    // The clock by which stored tokens age here stands still, but for this.
    std::chrono::seconds ahead_{0};
    const std::chrono::system_clock::time_point began_ = std::chrono::system_clock::now();
    user_login_options options_;
    server_events before_{};
    std::unique_ptr<child> browser_;
    failure why_;
};

std::string service(const std::string& scope) {
    return R"({"client":"service-principal","account":"","scope":")" + scope + R"("})";
}
std::string someone(const std::string& scope) {
    return R"({"client":"databricks-cli","account":"someone@example.com","scope":")" + scope + R"("})";
}

client_credentials_options service_principal(const oidc_server& at, std::vector<std::string> scopes = {}) {
    client_credentials_options out;
    out.host = at.url();
    out.client_id = at.client_id();
    out.client_secret = at.client_secret();
    out.scopes = std::move(scopes);
    return out;
}

TEST_F(RealLogin, ClientCredentialsGiveATokenForTheScopesThatWereAskedFor) {
    EXPECT_EQ(me(client_credentials(service_principal(*server))), service("all-apis"));
    EXPECT_EQ(me(client_credentials(service_principal(*server, {"sql", "clusters"}))), service("clusters sql"));
}

TEST_F(RealLogin, AWrongSecretIsRefusedAndNotRepeated) {
    auto wrong = service_principal(*server);
    wrong.client_secret = "emulator-secret-of-another";
    me(client_credentials(std::move(wrong)));
    EXPECT_TRUE(why_.is(errc::token_refused)) << why_.detail;
    EXPECT_EQ(why_.status, 401);
    EXPECT_NE(why_.detail.find(server->url() + "/oidc/token"), std::string::npos) << why_.detail;
    EXPECT_NE(why_.detail.find("invalid_client"), std::string::npos) << why_.detail;
    EXPECT_EQ(why_.detail.find("of-another"), std::string::npos);
}

TEST_F(RealLogin, AScopeThatTheServicePrincipalMayNotHaveIsRefused) {
    me(client_credentials(service_principal(*server, {"secrets"})));
    EXPECT_TRUE(why_.is(errc::token_refused)) << why_.detail;
    EXPECT_NE(why_.detail.find("invalid_scope"), std::string::npos) << why_.detail;
}

TEST_F(RealLogin, InTheBrowserIsKeptForTheNextProgram) {
    open_for(person::logs_in);
    EXPECT_EQ(me(), someone("all-apis"));
    ASSERT_TRUE(browser_);
    EXPECT_TRUE(browser_->ended_well(program_within)) << browser_->log();
    EXPECT_TRUE(browser_->log().ends_with("its answer: 200\n")) << browser_->log();
    EXPECT_NE(stored().refresh_token, "");
    options_.open = nullptr;
    EXPECT_EQ(me(), someone("all-apis"));
    EXPECT_EQ(seen(), (server_events{0, 0, 0}));
}

TEST_F(RealLogin, InTheBrowserIsForTheScopesThatWereAskedFor) {
    open_for(person::logs_in);
    options_.scopes = {"sql", "clusters"};
    EXPECT_EQ(me(), someone("clusters sql"));
    EXPECT_NE(stored("offline_access clusters sql").refresh_token, "");
    ahead_ += 2h;
    options_.open = nullptr;
    EXPECT_EQ(me(), someone("clusters sql")) << "and so is what comes of its refresh token";
    options_.scopes = {};
    me();
    EXPECT_TRUE(why_.is(errc::login_required)) << "for all-apis there is none: " << why_.detail;
}

TEST_F(RealLogin, AnAnswerWithTheStateOfAnotherIsPassedOver) {
    open_for(person::brings_another_state_first);
    EXPECT_EQ(me(), someone("all-apis"));
    ASSERT_TRUE(browser_);
    EXPECT_TRUE(browser_->ended_well(program_within)) << browser_->log();
    EXPECT_TRUE(browser_->log().ends_with("another state: 400\nits answer: 200\n")) << browser_->log();
}

TEST_F(RealLogin, APersonMaySayNo) {
    open_for(person::says_no);
    me();
    EXPECT_TRUE(why_.is(errc::login_required)) << why_.detail;
    EXPECT_NE(why_.detail.find("access_denied: End-User aborted interaction"), std::string::npos) << why_.detail;
    EXPECT_EQ(stored().access_token, "");
}

TEST_F(RealLogin, WithoutABrowserTheAddressIsCopied) {
    std::string change;
    options_.ports = {8020};
    options_.ask = [&](std::string url) -> awaitable<result<std::string>> {
        const child browser(server->user_agent(person::copies_the_address, std::move(url), home_));  // blocks, briefly
        EXPECT_TRUE(browser.ended_well(program_within)) << browser.log();
        std::string address = browser.log();
        address = address.substr(address.rfind("at last: ") + 9);
        if (!change.empty()) address.replace(address.find("&state=") + 7, 1, change);
        co_return address;
    };
    change = "~";
    me();
    EXPECT_TRUE(why_.is(errc::login_required)) << why_.detail;
    EXPECT_NE(why_.detail.find("copy the whole address"), std::string::npos) << why_.detail;
    EXPECT_EQ(stored().access_token, "");
    change.clear();
    EXPECT_EQ(me(), someone("all-apis"));
}

TEST_F(RealLogin, EachRefreshSpendsTheTokenOfTheOneBefore) {
    open_for(person::logs_in);
    EXPECT_EQ(me(), someone("all-apis"));
    options_.open = nullptr;
    for (int round = 1; round <= 3; ++round) {
        const auto earlier = stored();
        ahead_ += 2h;
        EXPECT_EQ(me(), someone("all-apis"));
        EXPECT_NE(stored().access_token, earlier.access_token);
        EXPECT_NE(stored().refresh_token, earlier.refresh_token);
        EXPECT_EQ(seen(), (server_events{round, 0, 0}));
    }
}

// Else the counts of the other tests would say nothing.
TEST_F(RealLogin, ARefreshTokenThatIsSpentTwiceEndsTheLogin) {
    open_for(person::logs_in);
    EXPECT_EQ(me(), someone("all-apis"));
    options_.open = nullptr;
    const std::string kept = text_of_file(store().file());
    ahead_ += 2h;
    EXPECT_EQ(me(), someone("all-apis"));
    EXPECT_EQ(seen(), (server_events{1, 0, 0}));

    write_file(store().file(), kept);  // as whoever brings back an old backup would
    me();
    EXPECT_TRUE(why_.is(errc::login_required)) << why_.detail;
    EXPECT_NE(why_.detail.find("invalid_grant"), std::string::npos) << why_.detail;
    EXPECT_TRUE(why_.detail.ends_with("run: dbxapps auth login --host " + server->url())) << why_.detail;
    EXPECT_EQ(seen(), (server_events{1, 1, 1}));
    EXPECT_EQ(stored().refresh_token, "");
}

TEST_F(RealLogin, TwoProcessesThatRefreshAtOnceNeverSpendOneTokenTwice) {
    open_for(person::logs_in);
    EXPECT_EQ(me(), someone("all-apis"));
    for (int round = 1; round <= 20; ++round) {
        ahead_ += 2h;
        gate start(home_);
        const std::string number = std::to_string(round);
        const child one(shared_login(start, "live", "one-" + number)),
            other(shared_login(start, "live", "other-" + number));
        for (const child* c : {&one, &other})
            c->wait_until([&] { return is_ready(*c); }, program_within);
        start.open();
        for (const child* c : {&one, &other})
            ASSERT_TRUE(c->ended_well(program_within)) << "in round " << round << ": " << c->log();
        ASSERT_EQ(seen(), (server_events{round, 0, 0}));
    }
}

TEST_F(RealLogin, ThatIsKilledBetweenTheAnswerAndTheStoreIsLost) {
    open_for(person::logs_in);
    EXPECT_EQ(me(), someone("all-apis"));
    options_.open = nullptr;
    ahead_ += 2h;
    gate start(home_);
    start.open();
    const child one(shared_login(start, "die", "one"));
    const siginfo_t how = one.end(program_within);
    ASSERT_TRUE(how.si_code == CLD_KILLED && how.si_status == SIGKILL) << one.log();
    EXPECT_EQ(seen(), (server_events{1, 0, 0}));

    me();
    EXPECT_TRUE(why_.is(errc::token_unavailable)) << why_.detail;
    EXPECT_NE(why_.detail.find("may have used up its refresh token"), std::string::npos) << why_.detail;
    EXPECT_EQ(seen(), (server_events{1, 0, 0})) << "nothing is sent";
    ahead_ += 2min;
    me();
    EXPECT_TRUE(why_.is(errc::login_required)) << why_.detail;
    EXPECT_TRUE(why_.detail.ends_with("run: dbxapps auth login --host " + server->url())) << why_.detail;
    EXPECT_EQ(seen(), (server_events{1, 1, 1}));
    open_for(person::logs_in);
    EXPECT_EQ(me(), someone("all-apis")) << "as it says";
}

}  // namespace
}  // namespace dbxapps::integration
