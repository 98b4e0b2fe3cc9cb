#include <net/dialer.hpp>
#include <support/workspace.hpp>

#include <boost/asio/ip/tcp.hpp>

namespace dbxapps::net {
namespace {

using namespace std::chrono_literals;
using asio::awaitable;
using test::run_out;
using tcp = asio::ip::tcp;

struct dialer_test : testing::Test {
    asio::io_context io;
    tcp::acceptor listener{io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
    std::uint16_t port = listener.local_endpoint().port();
    std::shared_ptr<dial_stop> stop = std::make_shared<dial_stop>(io.get_executor());
    result<std::shared_ptr<connection>> out = failure(errc::closed, "the dial never ended");

    dial_tools tools_for(addresses known) {
        tls_options none;
        none.system_roots = false;
        return {loop(io.get_executor()),
                std::make_shared<name_cache>(std::vector<host_override>{}, 30s,
                                             [known](const std::string&) -> result<addresses> { return known; }),
                *tls_context::make(none), std::make_shared<tls_sessions>(4)};
    }
    void start(origin to, addresses known, duration within = 10s) {
        asio::co_spawn(
            io,
            [this, to, tools = tools_for(std::move(known)), within]() -> awaitable<void> {
                out = co_await dial(to, tools, stop, clock::now() + within);
            },
            asio::detached);
    }
    // What the listener has taken, and whether its first one has said anything.
    std::vector<tcp::socket> accepted;
    bool spoken = false;
    void accept_one() {
        listener.async_accept([this](boost::system::error_code ec, tcp::socket peer) {
            if (ec) return;
            accepted.push_back(std::move(peer));
            accepted.front().async_wait(tcp::socket::wait_read, [this](boost::system::error_code e) { spoken = !e; });
        });
    }
    origin plain() const { return {"localhost", port, false, false}; }
};

address at(const char* text) { return asio::ip::make_address(text); }

TEST_F(dialer_test, TheFirstAddressThatAnswersWins) {
    // Nobody listens on 127.0.0.2 with this port, nor on ::1: both refuse at once, and the next is tried.
    start(plain(), {at("127.0.0.2"), at("::1"), at("127.0.0.1")});
    run_out(io);
    EXPECT_TRUE(out) << out.error().detail;
}

TEST_F(dialer_test, WhenAllRefuseEachIsNamedWithItsReason) {
    listener.close();
    start(plain(), {at("127.0.0.2"), at("127.0.0.1")});
    run_out(io);
    ASSERT_FALSE(out);
    EXPECT_TRUE(out.error().is(errc::connect_failed));
    EXPECT_NE(out.error().detail.find("127.0.0.2: Connection refused"), std::string::npos) << out.error().detail;
    EXPECT_NE(out.error().detail.find("127.0.0.1: Connection refused"), std::string::npos) << out.error().detail;
    EXPECT_EQ(out.error().cause, boost::system::errc::connection_refused);
}

TEST_F(dialer_test, PlainHttpGoesToLoopbackOnlyWhateverTheNameSays) {
    for (const char* elsewhere : {"192.0.2.1", "169.254.169.254"}) {
        start(plain(), {at("127.0.0.1"), at(elsewhere)});
        run_out(io);
        ASSERT_FALSE(out) << elsewhere;
        EXPECT_TRUE(out.error().is(errc::host_not_allowed)) << out.error().detail;
    }
}

TEST_F(dialer_test, AMetadataServiceIsWhereItAlwaysIsOrOnLoopback) {
    origin metadata = plain();
    metadata.instance_metadata = true;
    start(metadata, {at("127.0.0.1")});
    run_out(io);
    EXPECT_TRUE(out) << out.error().detail;
    start(metadata, {at("127.0.0.1"), at("192.0.2.1")});
    run_out(io);
    ASSERT_FALSE(out);
    EXPECT_TRUE(out.error().is(errc::host_not_allowed)) << out.error().detail;
    EXPECT_NE(out.error().detail.find("leads to another address"), std::string::npos) << out.error().detail;
}

TEST_F(dialer_test, AMetadataServiceIsReachedByNoProxy) {
    proxy_options nobody_there;
    nobody_there.url = "http://127.0.0.3:1";
    dial_tools tools = tools_for({at("127.0.0.1")});
    auto made = proxies::make(nobody_there);
    ASSERT_TRUE(made) << made.error().detail;
    tools.by = *made;
    origin metadata{"metadata.google.internal", port, false, false};
    metadata.instance_metadata = true;
    asio::co_spawn(
        io, [&]() -> awaitable<void> { out = co_await dial(metadata, tools, stop, clock::now() + 10s); },
        asio::detached);
    run_out(io);
    EXPECT_TRUE(out) << out.error().detail;
}

TEST_F(dialer_test, StoppingEndsTheTlsPhaseAtOnce) {
    accept_one();
    start({"localhost", port, true, false}, {at("127.0.0.1")});
    ASSERT_TRUE(test::eventually(io, [&] { return spoken; }));  // its first flight is here: it waits for ours
    stop->stop();
    run_out(io);
    ASSERT_FALSE(out);
    EXPECT_TRUE(out.error().is(errc::closed)) << out.error().detail;
}

TEST_F(dialer_test, ASilentAddressIsOvertakenByTheNextAfterAWhile) {
    // A listener whose queue is full lets SYNs wait: the kernel drops them, as a dead host would.
    tcp::acceptor full(io, tcp::v4());
    full.close();
    full.open(tcp::v4());
    full.bind(tcp::endpoint(at("127.0.0.3"), port));
    full.listen(0);
    std::vector<tcp::socket> fillers;
    for (int i = 0; i < 4; ++i) {
        fillers.emplace_back(io);
        fillers.back().async_connect(tcp::endpoint(at("127.0.0.3"), port), [](boost::system::error_code) {});
    }
    io.poll();
    accept_one();
    start(plain(), {at("127.0.0.3"), at("127.0.0.1")});
    ASSERT_TRUE(test::eventually(io, [&] { return out && !accepted.empty(); })) << "the first address won, or nobody";
    for (auto& f : fillers)
        f.close();
}

}  // namespace
}  // namespace dbxapps::net
