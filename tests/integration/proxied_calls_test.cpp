// Calls through squid and tinyproxy: what comes back, and what a client says when nothing does.
#include <emulator/loopback.hpp>
#include <integration/transfers.hpp>

namespace dbxapps::integration {
namespace {

namespace json = boost::json;

const credentials someone{"someone", "a-proxy-password"};
constexpr const char* wrong_password = "a-wrong-password";

// A client that asks the proxy, as `someone` if there is a password.
client_options through(const proxy_server& proxy, const std::string& password = {}) {
    const std::string who = password.empty() ? "" : someone.user + ":" + password + "@";
    client_options out;
    out.network.proxy.url = "http://" + who + "127.0.0.1:" + std::to_string(proxy.port());
    out.network.proxy.from_environment = false;
    out.allow_hosts = {"0.0.0.0"};
    return out;
}

std::string usual_url() { return servers().url_by_address("/api/json"); }

bool says(const failure& f, std::string_view words) { return f.detail.find(words) != f.detail.npos; }

void shows_no_secret(const failure& f) {
    // Of the credentials in base64, what all of them begin with.
    for (const char* secret : {"a-proxy-password", wrong_password, "c29tZW9uZTph", "a-fixed-token", "a-client-secret"})
        EXPECT_FALSE(says(f, secret)) << f.detail;
}

// How a call fails that the proxy does not let through.
failure refusal(asio::io_context& io, const client& c, std::string url = usual_url()) {
    const auto r = call(io, c, get(std::move(url)));
    EXPECT_FALSE(r);
    failure out = r ? failure() : r.error();
    EXPECT_TRUE(out.is(errc::proxy_failed)) << out.detail;
    EXPECT_FALSE(out.may_have_arrived);
    shows_no_secret(out);
    return out;
}

// Its connections end, as squid speaks of a tunnel when that is over.
void expect_connects(asio::io_context& io, client c, const proxy_server& proxy, std::size_t count) {
    c.close();
    EXPECT_TRUE(eventually(io, [&] { return proxy.connects() >= count; }));
    EXPECT_EQ(proxy.connects(), count);
}

struct CallThrough : testing::TestWithParam<proxy_kind> {
    asio::io_context io;
};

TEST_P(CallThrough, OneTunnelTakesManyCalls) {
    const proxy_server proxy(GetParam());
    const client c = real_client(io, through(proxy));
    for (int i = 0; i < 20; ++i) {
        const auto r = call(io, c, post(usual_url(), R"({"order": 7})"));
        ASSERT_TRUE(r) << r.error().detail;
        EXPECT_EQ(r->status(), 200);
        EXPECT_EQ(json::parse(r->body()).at("body"), json::parse(R"({"order": 7})"));
    }
    EXPECT_EQ(c.counters().connections, 1u);
    expect_connects(io, c, proxy, 1);
}

TEST_P(CallThrough, ManyCallsAtOnceGoThroughManyTunnels) {
    const proxy_server proxy(GetParam());
    const client c = real_client(io, through(proxy));
    tally t;
    start_calls(io, c, usual_url(), 32, 10, t);
    run_out(io);
    EXPECT_EQ(t.ok, 320) << t.first();
    EXPECT_LE(c.counters().connections, 32u);
    expect_connects(io, c, proxy, c.counters().connections);
}

TEST_P(CallThrough, AConnectionThatNginxEndsIsReplacedByAnotherTunnel) {
    const proxy_server proxy(GetParam());
    const client c = real_client(io, through(proxy));
    tally t;
    start_calls(io, c, servers().url_by_address("/api/ping", front::short_lived), 1, 60, t);
    run_out(io);
    EXPECT_EQ(t.ok, 60) << t.first();
    EXPECT_GE(c.counters().connections, 3u) << "nginx ends one after 25 requests";
    expect_connects(io, c, proxy, c.counters().connections);
}

TEST_P(CallThrough, TheRightCredentialsOpenTheWay) {
    const proxy_server proxy(GetParam(), someone);
    const client c = real_client(io, through(proxy, someone.password));
    for (int i = 0; i < 3; ++i) {
        const auto r = call(io, c, get(usual_url()));
        ASSERT_TRUE(r) << r.error().detail;
        EXPECT_EQ(r->status(), 200);
    }
    expect_connects(io, c, proxy, 1);
}

TEST_P(CallThrough, MissingCredentialsAreAskedFor) {
    const proxy_server proxy(GetParam(), someone);
    const failure why = refusal(io, real_client(io, through(proxy)));
    EXPECT_EQ(why.status, 407);
    EXPECT_TRUE(says(why, "it answered 407 Proxy Authentication Required; give credentials with its URL"))
        << why.detail;
}

// tinyproxy says 401 then, not 407.
TEST_P(CallThrough, WrongCredentialsAreNamedAsTheReason) {
    const proxy_server proxy(GetParam(), someone);
    const client c = real_client(io, through(proxy, wrong_password), 3);
    const failure why = refusal(io, c);
    EXPECT_EQ(why.status, GetParam() == proxy_kind::squid ? 407 : 401);
    EXPECT_TRUE(says(why, "; it does not accept the user and password of its URL")) << why.detail;
    EXPECT_EQ(c.tokens()->counters().rejected, 0u) << "it is not the token that was refused";
    expect_connects(io, c, proxy, 1);
}

TEST_P(CallThrough, AProxyThatHasEndedIsNamed) {
    std::optional<proxy_server> proxy(std::in_place, GetParam());
    const client c = real_client(io, through(*proxy));
    ASSERT_TRUE(call(io, c, get(usual_url())));
    const std::string words = "127.0.0.1:" + std::to_string(proxy->port());
    proxy.reset();
    const failure why = refusal(io, c);
    EXPECT_TRUE(says(why, "through the proxy " + words + ": no connection to " + words)) << why.detail;
    EXPECT_TRUE(says(why, "; check that the host is up and reachable")) << why.detail;
    EXPECT_EQ(why.cause, boost::system::errc::connection_refused);
    EXPECT_EQ(why.status, 0);
}

TEST_P(CallThrough, APortThatTheProxyForbidsIsRefused) {
    const proxy_server proxy(GetParam(), std::nullopt, servers().port(front::usual));
    const client c = real_client(io, through(proxy));
    ASSERT_TRUE(call(io, c, get(usual_url()))) << "the port that it allows";
    const failure why = refusal(io, c, servers().url_by_address("/api/json", front::tls_1_2));
    EXPECT_EQ(why.status, 403);
    EXPECT_TRUE(says(why, "it answered 403 ")) << why.detail;
    EXPECT_TRUE(says(why, "; it has to allow CONNECT to the host and port")) << why.detail;
}

// tinyproxy says 500 then.
TEST_P(CallThrough, AHostThatTheProxyCannotReachIsNotItsFault) {
    const proxy_server proxy(GetParam());
    const emulated::reserved_port nobody;  // listens there
    const std::string host = "0.0.0.0:" + std::to_string(nobody.number());
    const failure why = refusal(io, real_client(io, through(proxy)), "https://" + host + "/");
    EXPECT_EQ(why.status, GetParam() == proxy_kind::squid ? 503 : 500);
    EXPECT_TRUE(says(why, "no way to " + host)) << why.detail;
    EXPECT_TRUE(says(why, "; the proxy cannot reach the host itself")) << why.detail;
}

TEST_P(CallThrough, ALargeDownloadIsWhole) {
    const proxy_server proxy(GetParam());
    const client c = real_client(io, through(proxy));
    const auto it = download(io, c, servers().url_by_address(bytes_path(64 * mebibyte)));
    EXPECT_EQ(it.bytes, 64 * mebibyte);
    EXPECT_TRUE(it.as_sent);
    expect_connects(io, c, proxy, 1);
}

TEST_P(CallThrough, ALargeUploadIsWhole) {
    const proxy_server proxy(GetParam(), someone);
    const folder home;
    const client c = real_client(io, through(proxy, someone.password));
    const auto from = file_body(file_of(home, 64 * mebibyte));
    const auto answer = upload(io, c, put(from, servers().url_by_address("/api/upload")));
    ASSERT_TRUE(answer.is_object());
    EXPECT_EQ(answer.at("bytes"), 64 * mebibyte);
    EXPECT_EQ(answer.at("crc32"), json::string(crc32_of_file(64 * mebibyte)));
    expect_connects(io, c, proxy, 1);
}

// A client whose token comes from the app, through the proxy as well.
client with_login(asio::io_context& io, client_options options) {
    client_credentials_options who;
    who.host = servers().url_by_address("");
    who.client_id = "a-principal";
    who.client_secret = "a-client-secret";
    who.discovery_url = servers().url_by_address("/api/oauth-metadata");
    token_options tokens;
    options.network = tokens.network = servers().network(options.network.proxy);
    options.allow_hosts.clear();  // the workspace's host is allowed anyway
    return {io.get_executor(), make_token_cache(io.get_executor(), client_credentials(who), tokens), options};
}

TEST_P(CallThrough, TheTokenIsFetchedThroughATunnelOfItsOwn) {
    const proxy_server proxy(GetParam(), someone);
    const client c = with_login(io, through(proxy, someone.password));
    for (int i = 0; i < 3; ++i) {
        const auto r = call(io, c, get(usual_url()));
        ASSERT_TRUE(r) << r.error().detail;
        EXPECT_EQ(json::parse(r->body()).at("token"), true);
    }
    const auto fetched = c.tokens()->try_get(c.tokens()->now());
    ASSERT_TRUE(fetched);
    EXPECT_EQ(fetched->access_token(), "a-token-of-the-app");
    EXPECT_EQ(c.tokens()->counters().fetches, 1u);
    c.tokens()->close();
    expect_connects(io, c, proxy, 2);
}

TEST_P(CallThrough, ATokenThatTheProxyDoesNotLetThroughSaysSo) {
    const proxy_server proxy(GetParam(), someone);
    const client c = with_login(io, through(proxy, wrong_password));
    const auto r = call(io, c, get(usual_url()));
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::token_unavailable)) << r.error().detail;
    EXPECT_TRUE(says(r.error(), "; it does not accept the user and password of its URL")) << r.error().detail;
    shows_no_secret(r.error());
    EXPECT_EQ(c.tokens()->counters().fetches, 1u);
}

INSTANTIATE_TEST_SUITE_P(Real, CallThrough, testing::Values(proxy_kind::squid, proxy_kind::tinyproxy),
                         [](const auto& kind) { return kind.param == proxy_kind::squid ? "squid" : "tinyproxy"; });

}  // namespace
}  // namespace dbxapps::integration
