// Logins for the workspace's own API: apps are told nothing of them.
#include <support/plain_server.hpp>

namespace dbxapps::test {
namespace {

// A token that has a field for its workspace besides.
class workspace_source final : public token_source {
public:
    explicit workspace_source(std::string host) : host_(std::move(host)) {}
    awaitable<result<token>> fetch(transport&, time_point) override {
        token out("good");
        out.workspace_field("X-Management", "management-secret").unfit_for_apps("a test's token");
        co_return out;
    }
    std::string host() const override { return host_; }

private:
    std::string host_;
};

client client_of(asio::io_context& io, std::unique_ptr<token_source> source, client_options options = {}) {
    options.network.tls.system_roots = false;
    options.allow_hosts = {"127.0.0.1", "localhost"};
    token_options tokens;
    tokens.network.tls.system_roots = false;
    return {io.get_executor(), make_token_cache(io.get_executor(), std::move(source), tokens), options};
}

TEST(WorkspaceLogin, ItsFieldsGoToTheWorkspaceOnly) {
    asio::io_context io;
    plain_server server(io, {{ok("a"), ok("b")}, {ok("c")}});
    client_options options;
    options.traceparent = true;
    auto c = client_of(io, std::make_unique<workspace_source>(server.url("")), options);
    const std::string elsewhere = "http://localhost" + server.url().substr(std::string("http://127.0.0.1").size());
    const auto r = calls(io, c, {get(server.url()), get(server.url()), get(elsewhere)}, server);
    for (const auto& one : r)
        ASSERT_TRUE(one) << one.error().detail;
    ASSERT_EQ(server.requests.size(), 3u);
    const std::string field = "X-Management: management-secret\r\n";
    for (const int i : {0, 1}) {
        const std::string& head = server.requests[static_cast<std::size_t>(i)];
        EXPECT_NE(head.find(field), std::string::npos) << head;
        EXPECT_EQ(head.find(field), head.rfind(field)) << "twice: " << head;
        EXPECT_NE(head.find("traceparent: "), std::string::npos) << head;
    }
    EXPECT_EQ(server.requests[2].find("X-Management"), std::string::npos) << server.requests[2];
}

TEST(WorkspaceLogin, TheyAreSentAnewWithEachAttempt) {
    asio::io_context io;
    plain_server server(io, {{{"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", {}}, ok("b")}});
    client_options options;
    options.retry.first_delay = options.retry.max_delay = 1ms;
    options.traceparent = true;
    auto c = client_of(io, std::make_unique<workspace_source>(server.url("")), options);
    const auto r = calls(io, c, {get(server.url())}, server);
    ASSERT_TRUE(r[0]) << r[0].error().detail;
    ASSERT_EQ(server.requests.size(), 2u);
    const std::string& again = server.requests[1];
    EXPECT_EQ(again.find("X-Management"), again.rfind("X-Management"));
    EXPECT_NE(again.find("X-Management"), std::string::npos);
}

struct refused_login {
    std::string name, words;
    std::function<std::unique_ptr<token_source>(const std::string& host)> make;
};

class login_that_apps_refuse : public testing::TestWithParam<refused_login> {};

TEST_P(login_that_apps_refuse, ends_before_anything_is_sent) {
    workspace w;
    asio::io_context io;
    client c(io.get_executor(), make_token_cache(io.get_executor(), GetParam().make(w.emulated.workspace_url())),
             w.options());
    for (auto method : {"GET", "POST"}) {
        const auto r = call(io, c, request(method, w.url()));
        ASSERT_FALSE(r);
        EXPECT_TRUE(r.error().is(errc::not_signed_in)) << r.error().detail;
        for (const auto& part : {GetParam().words, std::string("oauth-m2m"), std::string("nothing was sent"), w.url()})
            EXPECT_NE(r.error().detail.find(part), std::string::npos) << r.error().detail;
        EXPECT_EQ(r.error().detail.find("secret-part"), std::string::npos);
        EXPECT_FALSE(r.error().may_have_arrived);
    }
    EXPECT_EQ(w.emulated.count().accepts, 0u);
}

INSTANTIATE_TEST_SUITE_P(
    logins, login_that_apps_refuse,
    testing::Values(refused_login{"pat", "a personal access token",
                                  [](const auto& host) { return personal_access_token(host, "secret-part"); }},
                    refused_login{"fixed", "a personal access token",
                                  [](const auto&) { return fixed_token("dapi-secret-part"); }},
                    refused_login{"basic", "a username and password",
                                  [](const auto& host) { return basic_login(host, "me", "secret-part"); }},
                    refused_login{"other", "a test's token",
                                  [](const auto& host) { return std::make_unique<workspace_source>(host); }}),
    [](const auto& row) { return row.param.name; });

TEST(PersonalAccessToken, ThatIsAJwtIsAnOAuthToken) {
    workspace w;
    asio::io_context io;
    client c(io.get_executor(),
             make_token_cache(io.get_executor(), personal_access_token(w.emulated.workspace_url(), "eyJh.eyJi.c2ln")),
             w.options());
    const auto r = call(io, c, get(w.url()));
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::not_signed_in)) << "by the front door's word";
    EXPECT_EQ(w.emulated.count().refused, 1u);
}

TEST(BasicLogin, IsPresentedToItsWorkspace) {
    asio::io_context io;
    plain_server server(io, {{ok("a")}});
    auto c = client_of(io, basic_login(server.url(""), "user", "pass"));
    const auto r = calls(io, c, {get(server.url())}, server);
    ASSERT_TRUE(r[0]) << r[0].error().detail;
    EXPECT_NE(server.requests[0].find("Authorization: Basic dXNlcjpwYXNz\r\n"), std::string::npos);
}

TEST(FixedCredentials, ThatCannotBeSentAreRefused) {
    const std::string host = "https://w.cloud.databricks.com";
    EXPECT_THROW(personal_access_token(host, ""), error);
    EXPECT_THROW(personal_access_token("https://", "x"), error);
    EXPECT_THROW(basic_login(host, "a:b", "x"), error);
    EXPECT_THROW(basic_login(host, "a", "x\ny"), error);
    EXPECT_THROW(basic_login(host, "", "x"), error);
    EXPECT_THROW(forwarded_user_token(" \t"), error);
    EXPECT_THROW(forwarded_user_token("a b"), error);
    EXPECT_EQ(personal_access_token("w.cloud.databricks.com", "x")->host(), host);
}

TEST(ForwardedUserToken, IsTheOneOfTheRequestAtHand) {
    workspace w;
    asio::io_context io;
    client c(io.get_executor(), w.cache(io.get_executor()), w.options());
    auto mine = w.cache(io.get_executor());
    ASSERT_TRUE(call(io, c, get(w.url()).as(mine)));
    const auto known = mine->try_get(mine->now());
    ASSERT_TRUE(known);
    auto user =
        make_token_cache(io.get_executor(), forwarded_user_token(" " + std::string(known->access_token()) + "\t"));
    const auto r = call(io, c, get(w.url()).as(user));
    ASSERT_TRUE(r) << r.error().detail;
    EXPECT_EQ(r->status(), 200);
}

}  // namespace
}  // namespace dbxapps::test
