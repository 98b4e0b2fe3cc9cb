// connect(): from settings to calls. The environment of the tests may hold anything, so each says its auth_type.
#include <support/workspace.hpp>

namespace dbxapps::test {
namespace {

profile service_principal(const workspace& w) {
    return profile()
        .set("host", w.emulated.workspace_url())
        .set("client_id", w.emulated.client_id())
        .set("client_secret", w.emulated.client_secret())
        .set("auth_type", "oauth-m2m");
}

TEST(Connect, GivesAClientThatLogsInAtItsFirstCall) {
    workspace w;
    const auto status = dbxapps::run([](const workspace& at) -> awaitable<int> {
        auto own = service_principal(at);
        auto options = at.options();
        client c = co_await connect(own, nullptr, options);
        EXPECT_EQ(at.emulated.count().workspace_accepts, 0u) << "it makes no request";
        const auto answer = co_await c.send(get(at.url()));
        co_return answer.status();
    }(w));
    EXPECT_EQ(status, 200);
    EXPECT_EQ(w.emulated.count().tokens_issued, 1u);
}

TEST(Connect, TakesACacheThatOthersShare) {
    workspace w;
    asio::io_context io;
    const auto shared = w.cache(io.get_executor());
    bool same = false;
    asio::co_spawn(
        io,
        [&]() -> awaitable<void> {
            auto options = w.options();
            profile unused;
            unused.set("no such key", "x");
            client c = co_await connect(unused, shared, options);
            same = c.tokens() == shared;
        },
        asio::detached);
    run_out(io);
    EXPECT_TRUE(same);
}

TEST(Connect, ThrowsWhatIsWrongWithTheSettings) {
    for (const auto& [key, value, words] : std::vector<std::tuple<std::string, std::string, std::string>>{
             {"hots", "x", "no setting 'hots'"},
             {"azure_use_msi", "maybe", "azure_use_msi has to be"},
             {"config_file", "/", "/: Is a directory"},
             {"host", "http://not.loopback", "https"}}) {
        const auto attempt = [](profile own) -> awaitable<int> {
            client c = co_await connect(own);
            co_return 0;
        };
        try {
            dbxapps::run(attempt(profile().set(key, value).set("auth_type", "pat")));
            ADD_FAILURE() << key;
        } catch (const error& e) {
            EXPECT_TRUE(e.why().is(errc::bad_config));
            EXPECT_NE(e.why().detail.find(words), std::string::npos) << e.why().detail;
        }
    }
}

TEST(Connect, ALoginThatAppsRefuseIsSaidAtTheCall) {
    workspace w;
    asio::io_context io;
    result<response> out = failure(errc::closed, "never ended");
    asio::co_spawn(
        io,
        [&]() -> awaitable<void> {
            auto own = profile().set("host", w.emulated.workspace_url()).set("token", "dapi-x").set("auth_type", "pat");
            auto options = w.options();
            client c = co_await connect(own, nullptr, options);
            out = co_await c.try_send(get(w.url()));
        },
        asio::detached);
    run_out(io);
    ASSERT_FALSE(out);
    EXPECT_TRUE(out.error().is(errc::not_signed_in));
    EXPECT_NE(out.error().detail.find("a personal access token"), std::string::npos) << out.error().detail;
    EXPECT_EQ(w.emulated.count().accepts, 0u);
}

TEST(UnifiedLogin, DescribesItselfWithoutSecrets) {
    workspace w;
    const auto own = service_principal(w);
    const auto offline = describe_login_offline(own);
    EXPECT_EQ(offline.auth_type, "oauth-m2m");
    EXPECT_EQ(offline.error, "");
    EXPECT_EQ(offline.scopes, std::vector<std::string>{"all-apis"});
    EXPECT_EQ(w.emulated.count().workspace_accepts, 0u);
    const auto online = dbxapps::run(describe_login(own, w.emulated.network()));
    EXPECT_EQ(online.auth_type, "oauth-m2m");
    EXPECT_EQ(online.error, "");
    EXPECT_NE(online.discovery_url, "");
    auto wrong = own;
    const auto refused = dbxapps::run(describe_login(wrong.set("client_secret", "wrong"), w.emulated.network()));
    EXPECT_EQ(refused.error_kind, "credential_source");
    EXPECT_NE(refused.error.find("invalid_client"), std::string::npos) << refused.error;
    for (const auto* d : {&offline, &online, &refused}) {
        for (const auto& one : d->attributes)
            EXPECT_EQ(one.value.find(w.emulated.client_secret()), std::string::npos);
        EXPECT_EQ(d->error.find("wrong"), std::string::npos) << d->error;
    }
}

}  // namespace
}  // namespace dbxapps::test
