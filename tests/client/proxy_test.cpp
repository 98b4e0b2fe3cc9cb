// Calls through a proxy: what it is told, what becomes of the calls when it says no, and what it never sees.
#include <support/plain_server.hpp>
#include <support/scripted_proxy.hpp>

#include <algorithm>

namespace dbxapps::test {
namespace {

using kind = proxy_script::kind;
using speaks = scripted_proxy::speaks;

constexpr const char* user_pass = "Basic dXNlcjpzM2NyZXQ=";  // user:s3cret

struct through_a_proxy : testing::Test {
    workspace w;
    asio::io_context io;

    // No overrides: the hosts exist behind the proxy only.
    client_options options(const scripted_proxy& proxy, const std::string& userinfo = {}) const {
        client_options out;
        out.network.tls = w.emulated.network().tls;
        out.network.tls.extra_ca_pem += proxy.ca_pem();
        out.network.proxy.url = proxy.url(userinfo);
        out.network.proxy.from_environment = false;
        out.retry.max_retries = 0;
        return out;
    }
    std::shared_ptr<token_cache> cache(const client_options& o) {
        token_options out;
        out.network = o.network;
        return make_token_cache(io.get_executor(), w.login(), out);
    }
    client with_login(const client_options& o) { return {io.get_executor(), cache(o), o}; }
    client with_token(const client_options& o) {
        return {io.get_executor(), make_token_cache(io.get_executor(), fixed_token("the-t0ken")), o};
    }
    // How a call with a fixed token fails.
    failure refusal(const scripted_proxy& proxy, client_options o) {
        const auto r = call(io, with_token(o), get(w.url("/api/secret-path")));
        EXPECT_FALSE(r);
        const failure why = r ? failure() : r.error();
        EXPECT_TRUE(why.is(errc::proxy_failed)) << why.detail;
        EXPECT_FALSE(why.may_have_arrived);
        for (const std::string& part : {proxy.words(), target()})
            EXPECT_NE(why.detail.find(part), std::string::npos) << why.detail;
        for (const char* secret : {"s3cret", "czNjcmV0", "dXNlcj", "t0ken"})
            EXPECT_EQ(why.detail.find(secret), std::string::npos) << why.detail;
        return why;
    }
    failure refusal(const scripted_proxy& proxy) { return refusal(proxy, options(proxy)); }
    std::string target() const { return w.url("").substr(std::string("https://").size()); }
};

bool says(const failure& f, std::string_view words) { return f.detail.find(words) != f.detail.npos; }

class through_either : public through_a_proxy, public testing::WithParamInterface<speaks> {};
INSTANTIATE_TEST_SUITE_P(proxies, through_either, testing::Values(speaks::plain, speaks::tls),
                         [](const auto& p) { return p.param == speaks::tls ? "https" : "http"; });

TEST_P(through_either, TheTokenAndTheCallGoThroughTunnelsOfTheirOwn) {
    scripted_proxy proxy(GetParam());
    client c = with_login(options(proxy));
    for (int i = 0; i < 20; ++i) {
        const auto r = call(io, c, get(w.url()));
        ASSERT_TRUE(r) << r.error().detail;
        EXPECT_EQ(r->status(), 200);
    }
    ASSERT_EQ(proxy.requests().size(), 2u) << "one for the token, one for all calls";
    const std::string head = "CONNECT " + target() + " HTTP/1.1\r\nHost: " + target() + "\r\nUser-Agent: dbxapps/" +
                             DBXAPPS_VERSION + "\r\n\r\n";
    EXPECT_EQ(proxy.requests()[1], head);
    EXPECT_EQ(c.counters().connections, 1u);
}

TEST_P(through_either, TheProxySeesNeitherTokenNorPath) {
    scripted_proxy proxy(GetParam());
    client c = with_login(options(proxy));
    ASSERT_TRUE(call(io, c, get(w.url("/api/secret-path"))));
    const std::string heard = proxy.heard();
    ASSERT_GT(heard.size(), 1000u);
    const std::string token(c.tokens()->try_get(c.tokens()->now())->access_token().substr(0, 20));
    for (const std::string& part : {token, w.emulated.client_secret(), std::string("secret-path"), std::string("GET "),
                                    std::string("Authorization")})
        EXPECT_EQ(heard.find(part), std::string::npos) << part;
}

TEST_P(through_either, CredentialsAreGivenToWhoeverAsksForThem) {
    scripted_proxy proxy(GetParam(), user_pass);
    ASSERT_TRUE(call(io, with_login(options(proxy, "user:s3cret")), get(w.url())));
    EXPECT_NE(proxy.requests().front().find(std::string("Proxy-Authorization: ") + user_pass), std::string::npos);
    failure why = refusal(proxy);
    EXPECT_TRUE(says(why, "it answered 407 Proxy Authentication Required; give credentials with its URL"))
        << why.detail;
    EXPECT_EQ(why.status, 407);
    why = refusal(proxy, options(proxy, "user:s3cret-but-wrong"));
    EXPECT_TRUE(says(why, "does not accept the user and password")) << why.detail;
}

TEST_P(through_either, LargeBodiesPassBothWays) {
    scripted_proxy proxy(GetParam());
    client c = with_login(options(proxy));
    std::string body(3'000'000, 'x');
    for (std::size_t i = 0; i < body.size(); i += 7)
        body[i] = static_cast<char>(i % 251);
    for (int i = 0; i < 3; ++i) {
        auto r = call(io, c, post(w.url("/api/echo"), body, "application/octet-stream"));
        ASSERT_TRUE(r) << r.error().detail;
        ASSERT_EQ(r->status(), 200);
        EXPECT_TRUE(r->body() == body);
    }
    EXPECT_EQ(c.counters().connections, 1u);
}

TEST_P(through_either, ManyCallsAtOnceGoThroughManyTunnels) {
    scripted_proxy proxy(GetParam());
    client c = with_login(options(proxy));
    tally t;
    start_calls(io, c, w.url(), 32, 10, t);
    run_out(io);
    EXPECT_EQ(t.ok, 320) << t.first();
    EXPECT_LE(c.counters().connections, 32u);
    EXPECT_EQ(proxy.requests().size(), c.counters().connections + 1);
}

TEST_P(through_either, ASessionWithTheAppIsResumedThroughAnotherTunnel) {
    scripted_proxy proxy(GetParam());
    client_options o = options(proxy);
    o.idle_within = 0s;
    client c = with_login(o);
    for (int i = 0; i < 4; ++i)
        ASSERT_TRUE(call(io, c, get(w.url())));
    EXPECT_EQ(c.counters().connections, 4u);
    EXPECT_EQ(c.counters().resumed_handshakes, 3u);
    EXPECT_EQ(proxy.resumed() > 0, GetParam() == speaks::tls) << "and so is the one with the proxy";
}

TEST_P(through_either, AConnectionThatWasDroppedBehindTheProxyIsReplaced) {
    scripted_proxy proxy(GetParam());
    client c = with_login(options(proxy));
    for (int i = 0; i < 3; ++i) {
        const auto r = call(io, c, get(w.url()));
        ASSERT_TRUE(r) << r.error().detail;
        w.emulated.drop_connections();
    }
}

TEST_P(through_either, RefusalsSayWhatTheProxySaid) {
    struct row {
        const char* answer;
        int status;
        const char* words;
    };
    constexpr row rows[] = {
        {"HTTP/1.1 403 Forbidden by rule 7\r\nContent-Length: 2\r\n\r\nno", 403,
         "it answered 403 Forbidden by rule 7; it has to allow CONNECT"},
        {"HTTP/1.0 401 Unauthorized\r\n\r\n", 401, "it answered 401 Unauthorized; give credentials with its URL"},
        {"HTTP/1.1 500 Unable to connect\r\n\r\n", 500, "500 Unable to connect; the proxy cannot reach the host"},
        {"HTTP/1.1 502 Bad Gateway\r\n\r\n", 502, "it answered 502 Bad Gateway; the proxy cannot reach the host"},
        {"HTTP/1.1 101 Switching Protocols\r\n\r\n", 101, "it answered 101 Switching Protocols"},
        {"220 mail.test ESMTP\r\n", 0, "its answer is not HTTP/1.1: it begins otherwise; check that it is an HTTP"},
        {"HTTP/1.1 200 OK\r\n\r\nand a word of its own", 0, "it sent something of its own behind its consent"},
    };
    scripted_proxy proxy(GetParam());
    for (const auto& r : rows) {
        proxy.next({kind::answer, r.answer});
        const failure why = refusal(proxy);
        EXPECT_TRUE(says(why, r.words)) << why.detail;
        EXPECT_EQ(why.status, r.status);
        EXPECT_FALSE(why.cause) << why.detail;
    }
}

TEST_P(through_either, TooLargeAHeadIsRefused) {
    scripted_proxy proxy(GetParam());
    proxy.next({kind::answer, "HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x')});
    const failure why = refusal(proxy);
    EXPECT_TRUE(says(why, "its answer has a head of more than 16384 bytes")) << why.detail;
}

TEST_P(through_either, InterimAnswersAreSkipped) {
    scripted_proxy proxy(GetParam());
    proxy.next(
        {kind::tunnel, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nA: b\r\n\r\nHTTP/1.0 200 OK\r\n\r\n"});
    EXPECT_TRUE(call(io, with_login(options(proxy)), get(w.url())));
}

TEST_P(through_either, AProxyThatClosesEarlyIsNamedAsTheCulprit) {
    scripted_proxy proxy(GetParam());
    for (const char* text : {"", "HTTP/1.1 200 O"}) {
        proxy.next({kind::close, text});
        const failure why = refusal(proxy);
        EXPECT_TRUE(says(why, *text ? " in the middle of its answer" : " before it answered")) << why.detail;
        EXPECT_TRUE(why.cause);
    }
    proxy.next({kind::hang_up, {}});
    EXPECT_TRUE(refusal(proxy).cause);
}

TEST_P(through_either, AProxyThatStallsFailsAndNotTheHost) {
    scripted_proxy proxy(GetParam());
    client_options o = options(proxy);
    o.network.dial_within = 100ms;
    for (const kind what : {kind::silence, kind::answer}) {
        proxy.next({what, ""});
        const failure why = refusal(proxy, o);
        EXPECT_TRUE(says(why, "in time (network.dial_within)")) << why.detail;
        EXPECT_EQ(why.cause, make_error_code(errc::timed_out));
    }
}

TEST_P(through_either, ClosingTheClientEndsTheWaitForTheProxy) {
    scripted_proxy proxy(GetParam());
    proxy.next({kind::answer, ""});
    client c = with_token(options(proxy));
    tally t;
    start_calls(io, c, w.url(), 1, 1, t);
    ASSERT_TRUE(eventually(io, [&] { return proxy.requests().size() == 1; }));
    c.close();
    run_out(io);
    EXPECT_EQ(t.bad, 1);
}

TEST_P(through_either, AHostWhoseCertificateIsWrongIsNotTheProxysFault) {
    scripted_proxy proxy(GetParam());
    client_options o = options(proxy);
    o.network.tls.extra_ca_pem = proxy.ca_pem();
    const auto r = call(io, with_token(o), get(w.url()));
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::tls_failed)) << r.error().detail;
    EXPECT_TRUE(says(r.error(), "(through the proxy " + proxy.words() + ") is not accepted")) << r.error().detail;
}

TEST_F(through_a_proxy, ThatCannotBeReachedIsNamedWithTheReason) {
    std::optional<scripted_proxy> gone(std::in_place);
    client_options o = options(*gone);
    const std::string words = gone->words();
    gone.reset();
    const auto r = call(io, with_token(o), get(w.url()));
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::proxy_failed)) << r.error().detail;
    EXPECT_TRUE(says(r.error(), "through the proxy " + words + ": no connection to " + words)) << r.error().detail;
    EXPECT_EQ(r.error().cause, boost::system::errc::connection_refused);
    o.network.proxy.url = "http://no-such-host.invalid:3128";
    const auto unknown = call(io, with_token(o), get(w.url()));
    ASSERT_FALSE(unknown);
    EXPECT_TRUE(unknown.error().is(errc::proxy_failed)) << unknown.error().detail;
    EXPECT_EQ(unknown.error().cause, make_error_code(errc::resolve_failed));
}

TEST_F(through_a_proxy, ThatIsNotThereForTheTokenMakesTheCacheTryAgain) {
    scripted_proxy proxy;
    proxy.next({kind::close, ""});
    client c = with_login(options(proxy));
    EXPECT_TRUE(call(io, c, get(w.url())));
    // More than one when a try falls into the pause after the failed dial, which answers it with the last failure.
    EXPECT_GE(c.tokens()->counters().failures, 1u);
}

TEST_F(through_a_proxy, ThatRefusesTheTokenEndsTheCallAtOnce) {
    scripted_proxy proxy(speaks::plain, user_pass);
    client c = with_login(options(proxy));
    const auto r = call(io, c, get(w.url()));
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::token_unavailable)) << r.error().detail;
    EXPECT_TRUE(says(r.error(), "407 Proxy Authentication Required")) << r.error().detail;
    EXPECT_EQ(c.tokens()->counters().fetches, 1u);
}

TEST_F(through_a_proxy, ItsCertificateIsCheckedAgainstItsOwnName) {
    scripted_proxy proxy(speaks::tls);
    client_options o = options(proxy);
    o.network.proxy.url = proxy.url({}, "localhost");
    EXPECT_TRUE(call(io, with_login(o), get(w.url())));
    o.network.resolve.push_back({"proxy.example", 0, "127.0.0.1"});
    o.network.proxy.url = proxy.url({}, "proxy.example");
    auto r = call(io, with_token(o), get(w.url()));
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::proxy_failed)) << r.error().detail;
    EXPECT_TRUE(says(r.error(), "its certificate is not accepted: hostname mismatch")) << r.error().detail;
    o = options(proxy);
    o.network.tls.extra_ca_pem = w.emulated.ca_pem();
    r = call(io, with_token(o), get(w.url()));
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::proxy_failed)) << r.error().detail;
    EXPECT_TRUE(says(r.error(), "its certificate is not accepted: ")) << r.error().detail;
}

TEST_F(through_a_proxy, OfTheOtherSchemeIsNoProxy) {
    scripted_proxy plain, tls(speaks::tls);
    client_options o = options(plain);
    o.network.proxy.url.replace(0, 4, "https");
    o.network.dial_within = 100ms;  // it waits for a request that it can read
    refusal(plain, o);
    o = options(tls);
    o.network.proxy.url.replace(0, 5, "http");
    refusal(tls, o);
}

TEST_F(through_a_proxy, AHostWithAnOverrideIsReachedDirectly) {
    scripted_proxy proxy;
    client_options o = options(proxy);
    o.network.resolve = w.emulated.network().resolve;
    ASSERT_TRUE(call(io, with_login(o), get(w.url())));
    EXPECT_TRUE(proxy.requests().empty());
}

TEST_F(through_a_proxy, AnOverrideForTheProxySaysWhereItIs) {
    scripted_proxy proxy;
    client_options o = options(proxy);
    o.network.proxy.url = proxy.url({}, "proxy.example");
    o.network.resolve.push_back({"proxy.example", 0, "127.0.0.1"});
    ASSERT_TRUE(call(io, with_login(o), get(w.url())));
    EXPECT_EQ(proxy.requests().size(), 2u);
}

TEST_F(through_a_proxy, PlainHttpOnThisMachineKnowsNone) {
    scripted_proxy proxy;
    plain_server server(io, {{ok("here")}});
    plain_client c(io, options(proxy));
    const auto r = calls(io, c.handle, {get(server.url())}, server);
    ASSERT_TRUE(r.front()) << r.front().error().detail;
    EXPECT_EQ(r.front()->body(), "here");
    EXPECT_TRUE(proxy.requests().empty());
}

TEST_F(through_a_proxy, ABypassedHostIsLookedUpHere) {
    scripted_proxy proxy;
    client_options o = options(proxy);
    o.allow_hosts = {"no-such-app.invalid"};
    o.network.proxy.bypass = {"invalid"};
    const auto direct = call(io, with_token(o), get("https://no-such-app.invalid/"));
    ASSERT_FALSE(direct);
    EXPECT_TRUE(direct.error().is(errc::resolve_failed)) << direct.error().detail;
    EXPECT_TRUE(proxy.requests().empty());
}

TEST_F(through_a_proxy, ThatIsNoUrlIsRefusedWhenTheClientIsMade) {
    scripted_proxy proxy;
    client_options o = options(proxy);
    o.network.proxy.url = "socks5://user:s3cret@127.0.0.1:1080";
    try {
        with_token(o);
        FAIL() << "made";
    } catch (const error& e) {
        EXPECT_TRUE(e.why().is(errc::bad_config));
        EXPECT_TRUE(says(e.why(), "network.proxy.url does not name an http or https proxy")) << e.what();
        EXPECT_FALSE(says(e.why(), "s3cret")) << e.what();
    }
    token_options t;
    t.network = o.network;
    EXPECT_THROW(make_token_cache(io.get_executor(), w.login(), t), error);
}

}  // namespace
}  // namespace dbxapps::test
