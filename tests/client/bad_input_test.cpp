// Everything that can be wrong with a request, a host or an answer: its own code, and words that say what, where and
// what next.
#include <support/plain_server.hpp>

#include <sys/socket.h>

namespace dbxapps::test {
namespace {

void expect_failure(const result<response>& r, errc code, const std::vector<std::string>& words) {
    ASSERT_FALSE(r) << "expected " << to_string(code);
    EXPECT_TRUE(r.error().is(code)) << r.error().code.message() << ": " << r.error().detail;
    for (const auto& w : words) {
        EXPECT_NE(r.error().detail.find(w), std::string::npos) << "no '" << w << "' in: " << r.error().detail;
    }
}

struct bad_request : testing::Test {
    asio::io_context io;
    client c = plain_client(io).handle;
};

TEST_F(bad_request, MalformedUrlsAreNamedBeforeAnythingIsSent) {
    for (const std::string url : {"", "orders/api/x", "ftp://x.databricksapps.com/", "https://", "https://:443/",
                                  "https://a b.databricksapps.com/", "https://x.databricksapps.com:99999/",
                                  "https://x..databricksapps.com/", "https://x.databricksapps.com/a b"}) {
        expect_failure(call(io, c, get(url)), errc::bad_request, {"URL", "wanted: https://"});
    }
    expect_failure(call(io, c, get("https://me:secret@x.databricksapps.com/")), errc::bad_request, {"user name"});
}

TEST_F(bad_request, AKnownOriginDoesNotExcuseTheRestOfAUrl) {
    tcp::acceptor taken(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    const std::string origin = "http://127.0.0.1:" + std::to_string(taken.local_endpoint().port());
    taken.close();
    expect_failure(call(io, c, get(origin + "/api/x")), errc::connect_failed, {});
    for (const std::string rest : {"/a b", "/a\\b", "/a#b c", "?q=\x01", "/\xc3\xa9"}) {
        expect_failure(call(io, c, get(origin + rest)), errc::bad_request, {"URL"});
    }
    expect_failure(call(io, c, get(origin + "/" + std::string(65536, 'x'))), errc::bad_request, {"64 KiB"});
}

TEST_F(bad_request, PlainHttpToAnotherMachineIsRefused) {
    expect_failure(call(io, c, get("http://orders-1.aws.databricksapps.com/api/x")), errc::host_not_allowed,
                   {"plain http", "orders-1.aws.databricksapps.com", "use https"});
}

TEST_F(bad_request, AStrangeHostGetsNoToken) {
    expect_failure(call(io, c, get("https://databricksapps.com.evil.example/api/x")), errc::host_not_allowed,
                   {"databricksapps.com.evil.example", "allow_hosts"});
}

TEST_F(bad_request, HeadersThatWouldSplitTheRequestAreRefusedWithoutShowingTheirValue) {
    auto r = call(io, c, get("https://x-1.aws.databricksapps.com/").with("X-A", "v1\r\nX-B: v2"));
    expect_failure(r, errc::bad_request, {"X-A", "control character"});
    EXPECT_EQ(r.error().detail.find("v1"), std::string::npos);
    expect_failure(call(io, c, get("https://x-1.aws.databricksapps.com/").with("Authorization", "Basic x")),
                   errc::bad_request, {"Authorization", "set by the library"});
    expect_failure(call(io, c, request("GE T", "https://x-1.aws.databricksapps.com/")), errc::bad_request, {"method"});
}

TEST_F(bad_request, AnUnknownHostNamesItselfAndDns) {
    client_options options;
    options.allow_hosts = {"no-such-app-1.invalid"};  // RFC 6761 section 6.4: a name that never exists
    c = plain_client(io, options).handle;
    expect_failure(call(io, c, get("https://no-such-app-1.invalid/api/x")), errc::resolve_failed,
                   {"no-such-app-1.invalid", "check"});
}

TEST_F(bad_request, APortWhereNobodyListensIsNamed) {
    tcp::acceptor taken(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    const auto port = std::to_string(taken.local_endpoint().port());
    taken.close();
    auto r = call(io, c, get("http://127.0.0.1:" + port + "/api/x"));
    expect_failure(r, errc::connect_failed, {"127.0.0.1:" + port, "refused", "check"});
    EXPECT_EQ(r.error().cause, boost::system::errc::connection_refused);
    EXPECT_FALSE(r.error().may_have_arrived);
}

TEST(BadCertificate, IsRefusedWithTheReasonAndTheWayOut) {
    const std::vector<std::pair<emulator_certificate, std::string>> cases = {
        {emulator_certificate::untrusted, "issuer certificate"},
        {emulator_certificate::expired, "expired"},
        {emulator_certificate::wrong_name, "mismatch"},
    };
    for (const auto& [kind, words] : cases) {
        emulator_options e;
        e.certificate = kind;
        workspace w(e);
        asio::io_context io;
        client c(io.get_executor(), make_token_cache(io.get_executor(), fixed_token("a-fixed-token")), w.options());
        expect_failure(call(io, c, get(w.url())), errc::tls_failed,
                       {"certificate", "orders-1234567890123456.aws.databricksapps.com", words, "extra_ca_pem"});
        EXPECT_EQ(w.emulated.count().calls, 0u);
    }
}

struct bad_answer : testing::Test {
    asio::io_context io;
    client_options options;

    result<response> answer_of(std::string bytes, exchange_script::after then = exchange_script::after::close) {
        plain_server server(io, {{{std::move(bytes), then}}});
        auto c = plain_client(io, options).handle;
        return std::move(calls(io, c, {get(server.url())}, server).front());
    }
};

TEST_F(bad_answer, AHeadOfOneMebibyteIsTooLarge) {
    expect_failure(answer_of("HTTP/1.1 200 OK\r\nX-Big: " + std::string(1 << 20, 'x') + "\r\n\r\n"),
                   errc::response_too_large, {"127.0.0.1", "head", "65536", "max_head"});
}

TEST_F(bad_answer, ABodyOverTheLimitIsTooLargeHoweverItIsFramed) {
    options.max_body = 1000;
    const std::string body(2000, 'x');
    expect_failure(answer_of("HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + body), errc::response_too_large,
                   {"body", "1000", "max_body"});
    expect_failure(answer_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n" + body + "\r\n0\r\n\r\n"),
                   errc::response_too_large, {"body", "1000"});
    expect_failure(answer_of("HTTP/1.1 200 OK\r\n\r\n" + body), errc::response_too_large, {"body", "1000"});
}

TEST_F(bad_answer, AContentLengthThatPromisesTooMuchIsALostConnection) {
    expect_failure(answer_of("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this"), errc::connection_lost,
                   {"9 of 100 bytes", "127.0.0.1"});
}

TEST_F(bad_answer, AContentLengthThatPromisesTooLittleEndsTheConnectionNotTheCall) {
    plain_server server(io,
                        {{{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n", {}}}, {ok("next")}});
    auto c = plain_client(io).handle;
    auto r = calls(io, c, {get(server.url()), get(server.url())}, server);
    ASSERT_TRUE(r[0]) << r[0].error().detail;
    EXPECT_EQ(r[0]->body(), "ok");
    ASSERT_TRUE(r[1]) << r[1].error().detail;
    EXPECT_EQ(r[1]->body(), "next");
    EXPECT_EQ(server.accepted, 2);
}

TEST_F(bad_answer, BothFramingsAtOnceAreRefused) {
    expect_failure(
        answer_of("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
        errc::bad_response, {"Transfer-Encoding", "127.0.0.1"});
    expect_failure(
        answer_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
        errc::bad_response, {"Content-Length", "127.0.0.1"});
}

TEST_F(bad_answer, GarbageIsNotHttp) {
    expect_failure(answer_of("SSH-2.0-OpenSSH_9.2\r\n\r\n"), errc::bad_response, {"not HTTP/1.1", "127.0.0.1"});
    expect_failure(answer_of(std::string(3000, '\0')), errc::bad_response, {"not HTTP/1.1"});
}

TEST_F(bad_answer, AnEarlyEndBeforeAnyByteIsALostConnectionThatMayHaveArrived) {
    auto r = answer_of("");
    expect_failure(r, errc::connection_lost, {"127.0.0.1", "closed"});
    EXPECT_TRUE(r.error().may_have_arrived);
    EXPECT_EQ(r.error().attempts, 1);
}

TEST_F(bad_answer, AServerThatClosesInTheHandshakeIsATlsFailure) {
    plain_server server(io, {});
    auto c = plain_client(io).handle;
    auto r = calls(io, c, {get("https" + server.url().substr(4))}, server);
    expect_failure(r.front(), errc::tls_failed, {"handshake", "127.0.0.1", "https port"});
}

// What the options' maker says: empty if it accepts them.
template <class Make>
std::string words_of(Make make) {
    try {
        make();
        return "";
    } catch (const error& e) {
        EXPECT_TRUE(e.why().is(errc::bad_config)) << e.what();
        return e.what();
    }
}

struct bad_client_option {
    std::string name;
    std::function<void(client_options&)> spoil;
};

TEST(BadOptions, AreNamedWhenTheClientIsMade) {
    asio::io_context io;
    const auto tokens = make_token_cache(io.get_executor(), fixed_token("t"));
    const std::vector<bad_client_option> cases = {
        {"within", [](auto& o) { o.within = 0s; }},
        {"max_connections", [](auto& o) { o.max_connections = 0; }},
        {"max_connections", [](auto& o) { o.max_connections = 65536; }},
        {"max_dials", [](auto& o) { o.max_dials = 0; }},
        {"max_dials", [](auto& o) { o.max_dials = 65'536; }},
        {"max_waiting", [](auto& o) { o.max_waiting = 0; }},
        {"max_head", [](auto& o) { o.max_head = 10; }},
        {"idle_within", [](auto& o) { o.idle_within = -1s; }},
        {"user_agent", [](auto& o) { o.user_agent = "a\r\nb"; }},
        {"user_agent", [](auto& o) { o.user_agent = "caf\xc3\xa9"; }},
        {"user_agent", [](auto& o) { o.user_agent = "a\x7f"; }},
        {"allow_hosts", [](auto& o) { o.allow_hosts = {"https://app.example"}; }},
        {"allow_hosts",
         [](auto& o) {
             o.allow_hosts = {"good.example", "app.example:8443"};
         }},
        {"allow_hosts", [](auto& o) { o.allow_hosts = {"app.example/path"}; }},
        {"allow_hosts", [](auto& o) { o.allow_hosts = {""}; }},
        {"network.resolve",
         [](auto& o) {
             o.network.resolve = {{"app.example", 443, "localhost"}};
         }},
        {"network.resolve",
         [](auto& o) {
             o.network.resolve = {{"app.example", 0, "300.0.0.1"}};
         }},
        {"network.resolve",
         [](auto& o) {
             o.network.resolve = {{"app.example", 0, ""}};
         }},
        {"dial_within", [](auto& o) { o.network.dial_within = 0s; }},
        {"names_live", [](auto& o) { o.network.names_live = -1s; }},
        {"chains_live", [](auto& o) { o.network.tls.chains_live = -1s; }},
        {"extra_ca_pem", [](auto& o) { o.network.tls.extra_ca_pem = "/etc/ssl/my-ca.pem"; }},
    };
    for (const auto& [name, spoil] : cases) {
        client_options o;
        spoil(o);
        const auto words = words_of([&] { client(io.get_executor(), tokens, o); });
        EXPECT_NE(words.find(name), std::string::npos) << "no '" << name << "' in: '" << words << "'";
    }
}

TEST(BadOptions, AreNotThoseAtTheirLimits) {
    asio::io_context io;
    const auto tokens = make_token_cache(io.get_executor(), fixed_token("t"));
    client_options o;
    EXPECT_EQ(words_of([&] { client(io.get_executor(), tokens, o); }), "");
    o.max_connections = 1;  // and no more dials than that, whatever max_dials says
    o.max_dials = 65535;
    o.max_waiting = 1;
    o.max_head = 1024;
    o.idle_within = o.network.names_live = o.network.tls.chains_live = 0s;
    o.user_agent = "orders/2.1 (ops@example.com)";
    o.allow_hosts = {"app.example", "127.0.0.1", "::1", "localhost"};
    o.network.resolve = {{"*.example", 0, "127.0.0.1"}, {"app.example", 443, "::1"}};
    EXPECT_EQ(words_of([&] { client(io.get_executor(), tokens, o); }), "");
}

TEST(BadOptions, AnExecutorIsNeeded) {
    asio::io_context io;
    const auto refused = [](auto make) {
        try {
            make();
        } catch (const error& e) {
            return e.why();
        }
        return failure();
    };
    const failure by_cache = refused([] { make_token_cache({}, fixed_token("a-token")); });
    EXPECT_TRUE(by_cache.is(errc::bad_config)) << by_cache.detail;
    const auto tokens = make_token_cache(io.get_executor(), fixed_token("a-token"));
    const failure by_client = refused([&] { client({}, tokens); });
    EXPECT_TRUE(by_client.is(errc::bad_config)) << by_client.detail;
}

// g++ 12 destroys some default arguments twice that are made in there.
TEST(BadOptions, DefaultsAreGoodInsideACoAwaitExpression) {
    asio::io_context io;
    bool made = false;
    auto make = [&]() -> awaitable<void> {
        auto source = fixed_token("a-token");
        const auto tokens = make_token_cache(co_await asio::this_coro::executor, std::move(source));
        const client c(co_await asio::this_coro::executor, tokens);
        made = c.tokens() == tokens;
    };
    asio::co_spawn(io, make, asio::detached);
    run_out(io);
    EXPECT_TRUE(made);
}

TEST(BadOptions, OfACacheAreNamedToo) {
    asio::io_context io;
    const std::vector<std::pair<std::string, std::function<void(token_options&)>>> cases = {
        {"margin", [](auto& o) { o.margin = -1s; }},
        {"lead", [](auto& o) { o.lead = 25h; }},
        {"fetch_within", [](auto& o) { o.fetch_within = 99ms; }},
        {"retry_within", [](auto& o) { o.retry_within = -1s; }},
        {"dial_within", [](auto& o) { o.network.dial_within = 0s; }},
        {"names_live", [](auto& o) { o.network.names_live = -1s; }},
        {"chains_live", [](auto& o) { o.network.tls.chains_live = -1s; }},
        {"network.resolve",
         [](auto& o) {
             o.network.resolve = {{"w.example", 443, "elsewhere"}};
         }},
    };
    for (const auto& [name, spoil] : cases) {
        token_options o;
        spoil(o);
        const auto words = words_of([&] { make_token_cache(io.get_executor(), fixed_token("t"), o); });
        EXPECT_NE(words.find(name), std::string::npos) << "no '" << name << "' in: '" << words << "'";
    }
}

TEST(BadOptions, OfAWayInAreNamedToo) {
    EXPECT_THROW(client_credentials("", "id", "secret"), error);
    EXPECT_THROW(client_credentials("http://workspace.example", "id", "secret"), error);
    EXPECT_THROW(client_credentials("workspace.example", "", "secret"), error);
    EXPECT_THROW(client_credentials("workspace.example", "id", ""), error);
    EXPECT_THROW(fixed_token("two words"), error);
    asio::io_context io;
    EXPECT_THROW(make_token_cache(io.get_executor(), nullptr), error);
}

}  // namespace
}  // namespace dbxapps::test
