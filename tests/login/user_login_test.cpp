// A person's login over a transport that plays a script, with a store on disk and a browser that does as it is told.
#include <dbxapps/user_login.hpp>
#include <login/token_store.hpp>
#include <login/user_login_options.hpp>
#include <net/digest.hpp>
#include <oauth/pkce.hpp>
#include <support/scripted_transport.hpp>
#include <support/temporary_directory.hpp>
#include <text/encoding.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

namespace dbxapps::test {
namespace {

using oauth::stored_login;
using tcp = asio::ip::tcp;

constexpr std::int64_t start = 1893456000;
const std::string host = "https://w.cloud.databricks.com";
const std::string post = "POST " + host + "/oidc/v1/token";

// The value of a parameter of a URL or form, decoded; empty without it.
std::string parameter(const std::string& text, const std::string& name) {
    const std::string all = "&" + text.substr(text.find('?') == text.npos ? 0 : text.find('?') + 1);
    const auto at = all.find("&" + name + "=");
    if (at == all.npos) return {};
    const auto from = at + name.size() + 2;
    return text::percent_decoded(all.substr(from, all.find('&', from) - from)).value_or("");
}

struct UserLogin : testing::Test {
    temporary_directory home;
    asio::io_context io;
    scripted_transport wire;
    std::int64_t wall = start;
    std::vector<std::string> warnings, opened;
    user_login_options options = [this] {
        user_login_options o;
        o.host = "w.cloud.databricks.com";
        o.store = home.path() + "/tokens";
        o.ports = {0};
        o.warn = [this](const std::string& words) { warnings.push_back(words); };
        o.clock = [this] { return std::chrono::system_clock::time_point(std::chrono::seconds(wall)); };
        return o;
    }();
    const oauth::login_key store_key{host, "databricks-cli", "offline_access all-apis", ""};
    login::token_store store{options.store, store_key};
    std::unique_ptr<token_source> source;

    ~UserLogin() override {
        for (const auto& words : warnings)
            expect_no_secret(words);
    }
    static void expect_no_secret(const std::string& words) {
        for (const auto* secret : {"acc3ss", "refr3sh", "c0de"})
            EXPECT_EQ(words.find(secret), std::string::npos) << words;
    }
    void write(std::string access, std::string refresh, std::int64_t expires_at) {
        stored_login login;
        login.access_token = std::move(access);
        login.refresh_token = std::move(refresh);
        login.expires_at = expires_at;
        bool written = false;
        auto run = [&]() -> awaitable<void> {
            const auto held = co_await store.lock(clock::now() + 10s);
            written = held && store.write(*held, login);
        };
        asio::co_spawn(io, run, asio::detached);
        run_out(io);
        ASSERT_TRUE(written);
    }
    // The store's file with another extension.
    std::string beside(const std::string& extension) const {
        return std::filesystem::path(store.file()).replace_extension(extension);
    }
    stored_login stored() {
        auto found = store.read();
        if (found && found->login) return *found->login;
        return {};
    }
    result<token> fetch(duration within = 10min) {
        if (!source) source = user_login(options);
        result<token> out = failure(errc::closed, "never ended");
        asio::co_spawn(
            io, [&]() -> awaitable<void> { out = co_await source->fetch(wire, clock::now() + within); },
            asio::detached);
        run_out(io);
        if (!out) expect_no_secret(out.error().detail);
        return out;
    }
    std::string got(duration within = 10min) {
        const auto r = fetch(within);
        return r ? std::string(r->access_token()) : "failed: " + r.error().detail;
    }
    failure refused() {
        const auto r = fetch();
        if (r) ADD_FAILURE() << "it gave a token";
        return r ? failure() : r.error();
    }
    void find_endpoint() {
        wire.answers.push_back(scripted_transport::json(404, ""));
        wire.answers.push_back(scripted_transport::json(200, R"({"authorization_endpoint":")" + host +
                                                                 R"(/oidc/v1/authorize","token_endpoint":")" + host +
                                                                 R"(/oidc/v1/token"})"));
    }
    void answer(int status, std::string_view body) { wire.answers.push_back(scripted_transport::json(status, body)); }
    void answer_tokens(int n) {
        const std::string number = std::to_string(n);
        answer(200, R"({"access_token":"acc3ss-)" + number + R"(","expires_in":3600,"refresh_token":"refr3sh-)" +
                        number + R"("})");
    }
    // A browser that comes back with this query, in which STATE stands for that of the login.
    void browse(std::string query) {
        options.open = [this, query](const std::string& url) {
            opened.push_back(url);
            std::string target = "/?" + query;
            if (const auto at = target.find("STATE"); at != target.npos) target.replace(at, 5, parameter(url, "state"));
            const std::string back = parameter(url, "redirect_uri");
            EXPECT_TRUE(back.starts_with("http://localhost:")) << back;
            const auto port = static_cast<std::uint16_t>(std::stoi(back.substr(back.rfind(':') + 1)));
            asio::co_spawn(io, come_back(port, std::move(target)), asio::detached);
        };
    }
    awaitable<void> come_back(std::uint16_t port, std::string target) {
        tcp::socket socket(io);
        const tcp::endpoint to(asio::ip::address_v4::loopback(), port);
        co_await socket.async_connect(to, asio::use_awaitable);
        const std::string head = "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
        co_await asio::async_write(socket, asio::buffer(head), asio::use_awaitable);
        std::string page;
        (void)co_await asio::async_read(socket, asio::dynamic_buffer(page), asio::as_tuple(asio::use_awaitable));
    }
};

TEST_F(UserLogin, AStoredTokenThatIsGoodNeedsNeitherARequestNorTheLock) {
    write("acc3ss-0", "refr3sh-0", start + 3600);
    std::filesystem::remove(beside(".lock"));
    const auto r = fetch();
    ASSERT_TRUE(r) << r.error().detail;
    EXPECT_EQ(r->access_token(), "acc3ss-0");
    EXPECT_EQ(r->life(), 1h);
    EXPECT_TRUE(wire.asked.empty());
    EXPECT_EQ(files_in(options.store).size(), 1u);
}

TEST_F(UserLogin, AnExpiredOneIsRenewedAndTheNewRefreshTokenReplacesTheOld) {
    write("acc3ss-0", "refr3sh-0", start + 59);
    find_endpoint();
    answer_tokens(1);
    EXPECT_EQ(got(), "acc3ss-1");
    EXPECT_EQ(wire.asked.back(), post);
    EXPECT_EQ(wire.last.body, "grant_type=refresh_token&refresh_token=refr3sh-0&client_id=databricks-cli");
    EXPECT_FALSE(wire.last.repeatable);
    EXPECT_EQ(stored().access_token, "acc3ss-1");
    EXPECT_EQ(stored().refresh_token, "refr3sh-1");
    EXPECT_EQ(stored().expires_at, start + 3600);
    EXPECT_EQ(stored().in_doubt_since, std::nullopt);

    wall += 3600;
    answer(200, R"({"access_token":"acc3ss-2","expires_in":3600})");
    EXPECT_EQ(got(), "acc3ss-2");
    EXPECT_EQ(stored().refresh_token, "refr3sh-1") << "none came: the old one stays";
    EXPECT_EQ(wire.asked.size(), 4u) << "the endpoint is known";
    EXPECT_TRUE(warnings.empty());
}

TEST_F(UserLogin, WhoeverAsksAgainGetsAnotherToken) {
    write("acc3ss-0", "refr3sh-0", start + 1200);
    find_endpoint();
    answer_tokens(1);
    EXPECT_EQ(got(), "acc3ss-0");
    EXPECT_EQ(got(), "acc3ss-1") << "its cache wants a fresh one ahead of time";
}

TEST_F(UserLogin, ATokenThatAnotherProcessRenewedIsTaken) {
    write("acc3ss-0", "refr3sh-0", start + 1200);
    EXPECT_EQ(got(), "acc3ss-0");
    write("acc3ss-other", "refr3sh-other", start + 3600);
    EXPECT_EQ(got(), "acc3ss-other");
    EXPECT_TRUE(wire.asked.empty());
}

TEST_F(UserLogin, WithNothingStoredAPersonHasToLogIn) {
    options.profile = "it's mine";
    const failure why = refused();
    EXPECT_TRUE(why.is(errc::login_required));
    EXPECT_EQ(why.detail, "no login that could be used is stored for " + host +
                              " (client databricks-cli); run: dbxapps auth login --host " + host +
                              " --profile 'it'\\''s mine'");
    EXPECT_TRUE(wire.asked.empty());
    EXPECT_FALSE(std::filesystem::exists(options.store));
}

TEST_F(UserLogin, WithoutARefreshTokenAPersonHasToLogInAgain) {
    options.login_command = "the login command";
    write("acc3ss-0", "", start);
    EXPECT_TRUE(refused().detail.ends_with("run: the login command"));
    EXPECT_TRUE(wire.asked.empty());
}

TEST_F(UserLogin, ARefreshTokenThatIsNoLongerGoodIsDropped) {
    for (const auto& [status, body] :
         {std::pair(400, R"({"error":"invalid_grant","error_description":"refr3sh-0 is used up"})"),
          std::pair(401, R"({"error":"invalid_request","error_description":"Refresh token is invalid"})")}) {
        source.reset();
        wire.asked.clear();
        write("acc3ss-0", "refr3sh-0", start);
        find_endpoint();
        answer(status, body);
        const failure why = refused();
        EXPECT_TRUE(why.is(errc::login_required)) << why.detail;
        EXPECT_TRUE(why.detail.ends_with("run: dbxapps auth login --host " + host)) << why.detail;
        EXPECT_EQ(wire.asked.back(), post);
        EXPECT_EQ(stored().refresh_token, "");
        EXPECT_TRUE(refused().is(errc::login_required));
        EXPECT_EQ(wire.asked.size(), 3u) << "nothing is sent again";
    }
}

TEST_F(UserLogin, ARefusalOfAnythingElseKeepsIt) {
    write("acc3ss-0", "refr3sh-0", start);
    find_endpoint();
    for (const auto& [status, body] : {std::pair(401, R"({"error":"invalid_client"})"), std::pair(429, ""),
                                       std::pair(400, R"({"error":"invalid_request"})")}) {
        answer(status, body);
        EXPECT_FALSE(fetch());
        EXPECT_EQ(stored().refresh_token, "refr3sh-0") << status;
        EXPECT_EQ(stored().in_doubt_since, std::nullopt) << status;
    }
    answer_tokens(1);
    EXPECT_EQ(got(), "acc3ss-1");
}

TEST_F(UserLogin, ARefreshThatNeverArrivedIsRepeatedByTheNextFetch) {
    write("acc3ss-0", "refr3sh-0", start);
    find_endpoint();
    wire.answers.emplace_back(scripted_transport::unreachable);
    EXPECT_TRUE(refused().is(errc::connect_failed));
    EXPECT_EQ(stored().in_doubt_since, std::nullopt);
    answer_tokens(1);
    EXPECT_EQ(got(), "acc3ss-1");
}

TEST_F(UserLogin, ARefreshWhoseAnswerGotLostIsNotSentAgainWhileThereIsALoginToLose) {
    for (const std::string& loss : {std::string(scripted_transport::lost), scripted_transport::json(504, ""),
                                    scripted_transport::json(200, "<html>")}) {
        source.reset();
        wall = start;
        wire.answers.clear();
        write("acc3ss-0", "refr3sh-0", start + 1200);
        EXPECT_EQ(got(), "acc3ss-0");
        find_endpoint();
        wire.answers.push_back(loss);
        EXPECT_FALSE(fetch());
        EXPECT_EQ(stored().in_doubt_since, start);

        wire.asked.clear();
        answer_tokens(1);
        wall = start + 1139;
        const failure why = refused();
        EXPECT_TRUE(why.is(errc::token_unavailable));
        EXPECT_NE(why.detail.find("it is tried once more in 1 s"), std::string::npos) << why.detail;
        EXPECT_TRUE(wire.asked.empty());
        wall = start + 1140;  // its last minute, of which no cache makes use
        EXPECT_EQ(got(), "acc3ss-1");
        EXPECT_EQ(wire.asked, std::vector<std::string>{post});
        EXPECT_EQ(stored().in_doubt_since, std::nullopt);
    }
}

TEST_F(UserLogin, WithoutOneToLoseItRestsForAMinute) {
    write("acc3ss-0", "refr3sh-0", start);
    find_endpoint();
    wire.answers.emplace_back(scripted_transport::lost);
    EXPECT_TRUE(refused().is(errc::connection_lost));
    answer_tokens(1);
    wall += 59;
    EXPECT_TRUE(refused().is(errc::token_unavailable));
    wall += 1;
    EXPECT_EQ(got(), "acc3ss-1");
}

TEST_F(UserLogin, AClockThatWasSetBackDoesNotKeepItInDoubt) {
    wall = start + 86400;
    write("acc3ss-0", "refr3sh-0", wall + 30);
    find_endpoint();
    wire.answers.emplace_back(scripted_transport::lost);
    EXPECT_TRUE(refused().is(errc::connection_lost));
    EXPECT_EQ(stored().in_doubt_since, start + 86400);

    wall = start;
    EXPECT_EQ(got(), "acc3ss-0") << "by this clock it has a day";
    answer_tokens(1);
    EXPECT_TRUE(refused().is(errc::token_unavailable));
    EXPECT_EQ(stored().in_doubt_since, start);
    EXPECT_EQ(stored().expires_at, start + 30);
    wall += 59;
    EXPECT_TRUE(refused().is(errc::token_unavailable));
    wall += 1;
    EXPECT_EQ(got(), "acc3ss-1");
}

TEST_F(UserLogin, WithoutTimeForAnAnswerTheRefreshTokenIsNotSpent) {
    write("acc3ss-0", "refr3sh-0", start);
    find_endpoint();
    answer_tokens(1);
    const auto late = fetch(-1s);
    ASSERT_FALSE(late);
    EXPECT_TRUE(late.error().is(errc::timed_out)) << late.error().detail;
    EXPECT_EQ(stored().in_doubt_since, std::nullopt);
    EXPECT_EQ(got(), "acc3ss-1");
}

TEST_F(UserLogin, OneThatIsMissingIsLookedForAgainSoonUnlessThePersonWasAsked) {
    EXPECT_EQ(refused().retry_after, duration(5s));
    write("acc3ss-0", "refr3sh-0", start);
    find_endpoint();
    answer(400, R"({"error":"invalid_grant"})");
    EXPECT_EQ(refused().retry_after, duration(5s));
    write("acc3ss-1", "", start + 1200);
    EXPECT_EQ(got(), "acc3ss-1") << "somebody has logged in meanwhile";

    source.reset();
    write("acc3ss-0", "", start);
    browse("error=access_denied&state=STATE");
    find_endpoint();
    const failure denied = refused();
    EXPECT_TRUE(denied.is(errc::login_required));
    EXPECT_EQ(denied.retry_after, std::nullopt);
}

TEST_F(UserLogin, OfTwoAccountsOnOneHostAreTwo) {
    options.host = "accounts.cloud.databricks.com";
    options.account_id = "one";
    const auto one = login::key_of(login::completed(options));
    options.account_id = "two";
    const auto two = login::key_of(login::completed(options));
    EXPECT_NE(one.text(), two.text());
    options.host = "w.cloud.databricks.com";
    EXPECT_EQ(login::key_of(login::completed(options)).text(), store_key.text()) << "a workspace has one account";
    options.discovery_url = "https://login.example/.well-known/oauth-authorization-server";
    EXPECT_NE(login::key_of(login::completed(options)).text(), store_key.text());
}

TEST_F(UserLogin, IsForgottenWithWhatAWriterLeftThatWasKilled) {
    write("acc3ss-0", "refr3sh-0", start);
    std::filesystem::rename(store.file(), beside(".tmp"));
    bool forgotten = false;
    asio::co_spawn(
        io, [&]() -> awaitable<void> { forgotten = co_await forget_user_login(options); }, asio::detached);
    run_out(io);
    EXPECT_TRUE(forgotten);
    EXPECT_FALSE(std::filesystem::exists(beside(".tmp")));
}

TEST_F(UserLogin, TheCommandToLogInNamesTheIssuer) {
    options.host = "accounts.cloud.databricks.com";
    options.account_id = "one";
    EXPECT_TRUE(
        refused().detail.ends_with("run: DATABRICKS_ACCOUNT_ID=one dbxapps auth login --host "
                                   "https://accounts.cloud.databricks.com"))
        << refused().detail;
}

TEST_F(UserLogin, AStoreThatCannotBeWrittenIsFoundOutBeforeTheRefreshTokenIsSpent) {
    write("acc3ss-0", "refr3sh-0", start);
    std::filesystem::create_directory(beside(".tmp"));
    find_endpoint();
    answer_tokens(1);
    const failure why = refused();
    EXPECT_TRUE(why.is(errc::bad_config)) << why.detail;
    EXPECT_NE(why.detail.find(store.file()), std::string::npos) << why.detail;
    EXPECT_EQ(wire.asked.size(), 2u) << "the endpoint was looked for, and nothing sent to it";
}

TEST_F(UserLogin, ADamagedStoreIsToldAndLeftAlone) {
    write("acc3ss-0", "refr3sh-0", start + 3600);
    make_file(store.file(), "acc3ss");
    browse("code=c0de&state=STATE");
    const failure why = refused();
    EXPECT_TRUE(why.is(errc::bad_config));
    EXPECT_NE(why.detail.find(store.file()), std::string::npos) << why.detail;
    EXPECT_EQ(text_of_file(store.file()), "acc3ss");
    EXPECT_TRUE(opened.empty());
}

TEST_F(UserLogin, AStoreThatOthersCouldReadIsWarnedAbout) {
    write("acc3ss-0", "refr3sh-0", start + 3600);
    ASSERT_EQ(::chmod(store.file().c_str(), 0644), 0);
    EXPECT_EQ(got(), "acc3ss-0");
    ASSERT_EQ(warnings.size(), 1u);
    EXPECT_NE(warnings.front().find(store.file()), std::string::npos);
    EXPECT_EQ(mode_of(store.file()), 0600u);
}

TEST_F(UserLogin, InTheBrowserGivesATokenThatIsKept) {
    browse("code=c0de%2F1&state=STATE");
    find_endpoint();
    answer_tokens(1);
    EXPECT_EQ(got(), "acc3ss-1");
    ASSERT_EQ(opened.size(), 1u);
    const std::string& url = opened.front();
    EXPECT_TRUE(url.starts_with(host + "/oidc/v1/authorize?response_type=code&client_id=databricks-cli&")) << url;
    EXPECT_EQ(parameter(url, "scope"), "offline_access+all-apis");
    EXPECT_EQ(parameter(url, "code_challenge_method"), "S256");
    const std::string& form = wire.last.body;
    EXPECT_EQ(wire.asked.back(), post);
    EXPECT_FALSE(wire.last.repeatable);
    EXPECT_EQ(parameter(form, "grant_type"), "authorization_code");
    EXPECT_EQ(parameter(form, "code"), "c0de/1");
    EXPECT_EQ(parameter(form, "redirect_uri"), parameter(url, "redirect_uri"));
    EXPECT_EQ(parameter(form, "client_id"), "databricks-cli");
    EXPECT_EQ(oauth::code_challenge(net::sha256(parameter(form, "code_verifier"))), parameter(url, "code_challenge"));

    EXPECT_EQ(stored().refresh_token, "refr3sh-1");
    EXPECT_EQ(stored().expires_at, start + 3600);
    source.reset();
    EXPECT_EQ(got(), "acc3ss-1") << "another run needs no login";
    EXPECT_EQ(opened.size(), 1u);
}

TEST_F(UserLogin, InTheBrowserComesAfterARefreshTokenThatIsNoLongerGood) {
    write("acc3ss-0", "refr3sh-0", start);
    browse("code=c0de&state=STATE");
    find_endpoint();
    answer(400, R"({"error":"invalid_grant"})");
    answer_tokens(1);
    EXPECT_EQ(got(), "acc3ss-1");
    EXPECT_EQ(stored().refresh_token, "refr3sh-1");
}

TEST_F(UserLogin, InTheBrowserMayBeRefused) {
    browse("error=access_denied&error_description=not+today&state=STATE");
    find_endpoint();
    const failure why = refused();
    EXPECT_TRUE(why.is(errc::login_required));
    EXPECT_EQ(why.detail, "the login was refused: access_denied: not today; log in again");
    EXPECT_EQ(wire.asked.size(), 2u);
}

TEST_F(UserLogin, InTheBrowserThatNobodyFinishesEnds) {
    browse("code=c0de&state=another");
    options.login_within = 1s;
    find_endpoint();
    EXPECT_TRUE(refused().is(errc::login_required));
    EXPECT_EQ(wire.asked.size(), 2u);
}

TEST_F(UserLogin, InTheBrowserEndsWithItsCache) {
    options.open = [this](const std::string& url) { opened.push_back(url); };
    find_endpoint();
    source = user_login(options);
    result<token> out = failure(errc::timed_out, "never ended");
    asio::co_spawn(
        io, [&]() -> awaitable<void> { out = co_await source->fetch(wire, clock::now() + 10min); }, asio::detached);
    ASSERT_TRUE(eventually(io, [&] { return !opened.empty(); }));
    source->close();
    run_out(io);
    ASSERT_FALSE(out);
    EXPECT_TRUE(out.error().is(errc::closed)) << out.error().detail;
}

TEST_F(UserLogin, ACodeThatTheEndpointRefusesIsNotShown) {
    browse("code=c0de&state=STATE");
    find_endpoint();
    answer(400, R"({"error":"invalid_grant","error_description":"c0de is wrong"})");
    EXPECT_TRUE(refused().is(errc::token_refused));
}

TEST_F(UserLogin, ThatCannotBeStoredIsGoodForNow) {
    write("acc3ss-0", "", start);
    std::filesystem::create_directory(beside(".tmp"));
    browse("code=c0de&state=STATE");
    find_endpoint();
    answer_tokens(1);
    EXPECT_EQ(got(), "acc3ss-1");
    ASSERT_EQ(warnings.size(), 1u);
    EXPECT_NE(warnings.front().find(store.file()), std::string::npos) << warnings.front();
}

TEST_F(UserLogin, IsNotLookedForWhereTheStoreCannotBe) {
    make_file(options.store, "");
    browse("code=c0de&state=STATE");
    EXPECT_TRUE(refused().is(errc::bad_config));
    EXPECT_TRUE(opened.empty());
}

TEST_F(UserLogin, WithoutABrowserTheAddressIsCopied) {
    std::string change = "";
    options.ask = [&](std::string url) -> awaitable<result<std::string>> {
        opened.push_back(url);
        co_return " http://localhost:8020/?code=c0de&state=" + parameter(url, "state") + change + "\n";
    };
    options.ports = {};
    find_endpoint();
    answer_tokens(1);
    EXPECT_EQ(got(), "acc3ss-1");
    EXPECT_EQ(parameter(opened.front(), "redirect_uri"), "http://localhost:8020");
    EXPECT_EQ(parameter(wire.last.body, "redirect_uri"), "http://localhost:8020");

    change = "x";
    source.reset();
    wall += 3600;
    find_endpoint();
    answer(400, R"({"error":"invalid_grant"})");
    const failure why = refused();
    EXPECT_TRUE(why.is(errc::login_required));
    EXPECT_NE(why.detail.find("copy the whole address"), std::string::npos) << why.detail;
}

TEST_F(UserLogin, ThatIsStoredForEverIsHandedOutForYears) {
    write("acc3ss-0", "refr3sh-0", 253402300799);
    const auto r = fetch();
    ASSERT_TRUE(r) << r.error().detail;
    EXPECT_GT(r->life(), 24h * 365);
}

TEST_F(UserLogin, NeedsTimeFromItsCacheOnlyIfAPersonMayBeAsked) {
    EXPECT_EQ(user_login(options)->needs(), duration{});
    browse("code=c0de&state=STATE");
    source = user_login(options);
    EXPECT_GE(source->needs(), options.login_within);
    EXPECT_FALSE(source->may_repeat());
    EXPECT_TRUE(source->renewable());
    EXPECT_EQ(source->host(), host);
}

// Tells how long it was given.
class slow_source final : public token_source {
public:
    slow_source(duration need, duration& given) : need_(need), given_(given) {}
    awaitable<result<token>> fetch(transport&, time_point deadline) override {
        given_ = deadline - clock::now();
        co_return token("acc3ss", 1h);
    }
    duration needs() const noexcept override { return need_; }

private:
    duration need_;
    duration& given_;
};

TEST(TokenCacheTime, OfATryIsWhatTheSourceNeedsIfThatIsMore) {
    for (const auto& [need, least] : {std::pair<duration, duration>(5h, 4h), std::pair<duration, duration>(0s, 1min)}) {
        asio::io_context io;
        duration given{};
        token_options o;
        o.fetch_within = 10min;
        const auto cache = make_token_cache(io.get_executor(), std::make_unique<slow_source>(need, given), o);
        bool got = false;
        asio::co_spawn(
            io, [&]() -> awaitable<void> { got = bool(co_await cache->get(clock::now() + 60s)); }, asio::detached);
        run_out(io);
        EXPECT_TRUE(got);
        EXPECT_GT(given, least);
        EXPECT_LE(given, std::max<duration>(need, 10min));
    }
}

TEST_F(UserLogin, AsksForNoRefreshTokenIfNoneIsWanted) {
    options.refresh_token = false;
    options.scopes = {"sql", "clusters"};
    browse("code=c0de&state=STATE");
    find_endpoint();
    answer(200, R"({"access_token":"acc3ss-1","expires_in":3600})");
    EXPECT_EQ(got(), "acc3ss-1");
    EXPECT_EQ(parameter(opened.front(), "scope"), "clusters+sql");
}

TEST_F(UserLogin, OptionsThatCannotBeAreRefused) {
    const auto expect_bad = [&](void (*spoil)(user_login_options&)) {
        user_login_options bad = options;
        spoil(bad);
        try {
            user_login(bad);
            ADD_FAILURE() << "accepted";
        } catch (const error& e) {
            EXPECT_TRUE(e.why().is(errc::bad_config)) << e.what();
        }
    };
    expect_bad([](user_login_options& o) { o.host = ""; });
    expect_bad([](user_login_options& o) { o.host = "http://w.cloud.databricks.com"; });
    expect_bad([](user_login_options& o) { o.client_id = ""; });
    expect_bad([](user_login_options& o) { o.login_within = 0s; });
    expect_bad([](user_login_options& o) { o.login_within = 2h; });
}

}  // namespace
}  // namespace dbxapps::test
