// TLS as the other side counts it: who resumes, and that a ticket is used once.
#include <support/workspace.hpp>

namespace dbxapps::test {
namespace {

// New connections for every call: nothing is kept idle.
struct handshakes : testing::Test {
    workspace w;
    asio::io_context io;
    client c;
    void SetUp() override {
        client_options options = w.options();
        options.idle_within = 0s;
        c = client(io.get_executor(), w.cache(io.get_executor()), options);
    }
};

TEST_F(handshakes, ALaterConnectionToTheSameAppResumesTheSession) {
    for (int i = 0; i < 5; ++i) {
        ASSERT_TRUE(call(io, c, get(w.url())));
        w.emulated.drop_connections();
    }
    EXPECT_EQ(c.counters().connections, 5u);
    EXPECT_EQ(c.counters().resumed_handshakes, 4u);
    EXPECT_EQ(w.emulated.count().accepts, 5u);
    // The cache's own connections to the workspace may resume as well.
    EXPECT_GE(w.emulated.count().resumed_handshakes, 4u);
    EXPECT_GE(w.emulated.count().full_handshakes, 2u);
}

TEST_F(handshakes, AnotherAppIsAnotherOriginWithSessionsOfItsOwn) {
    ASSERT_TRUE(call(io, c, get(w.url("/api/hello", "orders"))));
    ASSERT_TRUE(call(io, c, get(w.url("/api/hello", "stock"))));
    EXPECT_EQ(c.counters().connections, 2u);
    EXPECT_EQ(c.counters().resumed_handshakes, 0u);
}

TEST_F(handshakes, ACertificateThatWasGoodForOneAppIsGoodForNoOtherName) {
    ASSERT_TRUE(call(io, c, get(w.url("/api/hello", "orders"))));
    const std::string port = w.url("").substr(w.url("").rfind(':'));
    client_options options = w.options();
    options.network.resolve.push_back({"a.b.aws.databricksapps.com", 0, "127.0.0.1"});
    c = client(io.get_executor(), w.cache(io.get_executor()), options);
    for (int i = 0; i < 2; ++i) {
        ASSERT_TRUE(call(io, c, get(w.url("/api/hello", "orders"))));
        const auto refused = call(io, c, get("https://a.b.aws.databricksapps.com" + port + "/api/hello"));
        ASSERT_FALSE(refused);
        EXPECT_TRUE(refused.error().is(errc::tls_failed)) << refused.error().detail;
        EXPECT_NE(refused.error().detail.find("is not accepted: hostname mismatch"), std::string::npos)
            << refused.error().detail;
    }
}

TEST_F(handshakes, ABurstOfNewConnectionsResumesWithTheTicketsItHas) {
    ASSERT_TRUE(call(io, c, get(w.url())));  // leaves two tickets
    w.emulated.inject(emulator_place::apps, stall(8));
    tally t;
    start_calls(io, c, w.url(), 8, 1, t);
    // Nobody is answered, so each has a connection of its own, and the cache has one.
    ASSERT_TRUE(eventually(io, [&] { return c.counters().connections == 1 + 8; }));
    const auto seen = [&] { return w.emulated.count(); };
    ASSERT_TRUE(
        eventually(io, [&] { return seen().full_handshakes + seen().resumed_handshakes == seen().accepts + 1; }));
    EXPECT_EQ(seen().accepts, 9u);
    ASSERT_EQ(seen().workspace_accepts, 1u);
    EXPECT_EQ(seen().resumed_handshakes, c.counters().resumed_handshakes);
    EXPECT_GE(c.counters().resumed_handshakes, 2u);
    c.close();
    run_out(io);
    EXPECT_EQ(t.bad, 8);
}

}  // namespace
}  // namespace dbxapps::test
