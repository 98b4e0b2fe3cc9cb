// Visitors of the listener, by plain sockets on the same context.
#include <net/redirect_listener.hpp>
#include <support/workspace.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

namespace dbxapps::net {
namespace {

using namespace std::chrono_literals;
using asio::awaitable;
using test::eventually;
using test::run_out;
using test::settle;
using tcp = asio::ip::tcp;

const std::string state = "the-state-of-this-login";
const std::string good = "/?code=s3cret&state=" + state;

bool has_ipv6() {
    asio::io_context io;
    tcp::acceptor probe(io);
    boost::system::error_code wrong;
    probe.open(tcp::v6(), wrong);
    if (!wrong) probe.bind({asio::ip::address_v6::loopback(), 0}, wrong);
    return !wrong;
}

struct RedirectListener : testing::Test {
    asio::io_context io;
    std::uint16_t port = 0;
    asio::cancellation_signal stop;
    std::shared_ptr<stops> ends = std::make_shared<stops>();
    std::optional<result<std::string>> outcome;

    void wait(duration within = 60s) {
        auto listener = redirect_listener::open({0}, loop(io.get_executor()));
        ASSERT_TRUE(listener) << listener.error().detail;
        port = listener->port();
        auto run = [this, held = std::make_shared<redirect_listener>(std::move(*listener)),
                    until = clock::now() + within]() -> awaitable<void> {
            co_await asio::this_coro::throw_if_cancelled(false);
            outcome = co_await redirect_listener::wait(std::move(*held), state, until, ends);
        };
        asio::co_spawn(io, run, asio::bind_cancellation_slot(stop.slot(), asio::detached));
        settle(io);
    }
    tcp::socket connect() {
        tcp::socket out(io);
        out.connect({asio::ip::address_v4::loopback(), port});
        return out;
    }
    // All that comes back for these bytes, until the listener closes.
    std::string told(const std::string& bytes) {
        tcp::socket visitor = connect();
        std::string out;
        bool done = false;
        auto talk = [&]() -> awaitable<void> {
            (void)co_await asio::async_write(visitor, asio::buffer(bytes), asio::as_tuple(asio::use_awaitable));
            (void)co_await asio::async_read(visitor, asio::dynamic_buffer(out), asio::as_tuple(asio::use_awaitable));
            done = true;
        };
        asio::co_spawn(io, talk, asio::detached);
        EXPECT_TRUE(eventually(io, [&] { return done; }));
        return out;
    }
    std::string visit(const std::string& target) {
        return told("GET " + target + " HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\r\n");
    }
    void expect_success() {
        EXPECT_TRUE(visit(good).starts_with("HTTP/1.1 200 OK\r\n"));
        run_out(io);
        ASSERT_TRUE(outcome && *outcome);
        EXPECT_EQ(**outcome, "s3cret");
    }
};

TEST_F(RedirectListener, TakesTheCodeShowsAPageAndCloses) {
    wait();
    const std::string page = visit(good);
    EXPECT_TRUE(page.starts_with("HTTP/1.1 200 OK\r\n")) << page;
    EXPECT_NE(page.find("You can close this window."), std::string::npos) << page;
    EXPECT_NE(page.find("Cache-Control: no-store\r\n"), std::string::npos) << page;
    EXPECT_EQ(page.find("s3cret"), std::string::npos) << page;
    run_out(io);
    ASSERT_TRUE(outcome && *outcome);
    EXPECT_EQ(**outcome, "s3cret");
    tcp::socket late(io);
    boost::system::error_code ec;
    late.connect({asio::ip::address_v4::loopback(), port}, ec);
    EXPECT_EQ(ec, asio::error::connection_refused);
}

TEST_F(RedirectListener, WhateverElseComesIsRefusedAndTheWaitGoesOn) {
    wait();
    for (const auto* target : {"/favicon.ico", "/callback?code=s3cret", "//?code=s3cret", "/x/../"})
        EXPECT_TRUE(visit(target).starts_with("HTTP/1.1 404 ")) << target;
    for (const std::string& target :
         {std::string("/"), std::string("/?"), std::string("/?code=s3cret"), std::string("/?code=s3cret&state=another"),
          "/?code=s3cret&state=" + state + "x", std::string("/?error=access_denied"), "/?state=" + state}) {
        const std::string page = visit(target);
        EXPECT_TRUE(page.starts_with("HTTP/1.1 400 ")) << target;
        EXPECT_EQ(page.find("s3cret"), std::string::npos) << page;
    }
    for (const std::string& bytes :
         {"POST " + good + " HTTP/1.1\r\n\r\n", "GET " + good + "\r\n\r\n", "GET " + good + " HTTP/2\r\n\r\n",
          "HEAD " + good + " HTTP/1.1\r\n\r\n", "GET http://localhost" + good + " HTTP/1.1\r\n\r\n",
          std::string("\r\n\r\n"), std::string("\x16\x03\x01\r\n\r\n")}) {
        EXPECT_TRUE(told(bytes).starts_with("HTTP/1.1 400 ")) << bytes;
    }
    EXPECT_FALSE(outcome);
    expect_success();
}

TEST_F(RedirectListener, ALoginThatIsRefusedEndsTheWaitWithItsReason) {
    wait();
    const std::string page = visit("/?error=access_denied&error_description=%3Cb%3Eno&state=" + state);
    EXPECT_TRUE(page.starts_with("HTTP/1.1 200 ")) << page;
    EXPECT_EQ(page.find("<b>"), std::string::npos) << page;
    run_out(io);
    ASSERT_TRUE(outcome && !*outcome);
    EXPECT_TRUE(outcome->error().is(errc::login_required));
    EXPECT_EQ(outcome->error().detail, "the login was refused: access_denied: <b>no; log in again");
}

TEST_F(RedirectListener, AHeadOverItsLimitIsCutOffWhateverItSays) {
    wait();
    const std::string page = told("GET " + good + " HTTP/1.1\r\nX: " + std::string(100000, 'x') + "\r\n\r\n");
    EXPECT_TRUE(page.empty() || page.starts_with("HTTP/1.1 400 ")) << page;
    EXPECT_FALSE(outcome);
    expect_success();
}

TEST_F(RedirectListener, AHeadMayComeInPieces) {
    wait();
    tcp::socket visitor = connect();
    for (const char c : "GET " + good + " HTTP/1.1\r\n\r\n") {
        asio::write(visitor, asio::buffer(&c, 1));
        settle(io);
    }
    run_out(io);
    ASSERT_TRUE(outcome && *outcome);
}

TEST_F(RedirectListener, ConnectionsThatSayNothingKeepNobodyOut) {
    wait();
    std::vector<tcp::socket> silent;
    for (int i = 0; i < 15; ++i)
        silent.push_back(connect());
    settle(io);
    expect_success();
}

TEST_F(RedirectListener, OnlySoManyAreServedAtATime) {
    wait();
    std::vector<tcp::socket> silent;
    for (int i = 0; i < 16; ++i)
        silent.push_back(connect());
    settle(io);
    EXPECT_EQ(visit(good), "") << "closed at once";
    EXPECT_FALSE(outcome);
    silent.clear();
    settle(io);
    expect_success();
}

TEST_F(RedirectListener, EndsByItsDeadline) {
    wait(30ms);
    tcp::socket silent = connect();
    run_out(io);
    ASSERT_TRUE(outcome && !*outcome);
    EXPECT_TRUE(outcome->error().is(errc::login_required));
}

TEST_F(RedirectListener, EndsByCancellation) {
    wait(1h);
    tcp::socket silent = connect();
    settle(io);
    stop.emit(asio::cancellation_type::terminal);
    settle(io);
    EXPECT_TRUE(io.stopped()) << "it also lets go of whoever is still connected";
    ASSERT_TRUE(outcome && !*outcome);
    EXPECT_TRUE(outcome->error().is(errc::cancelled));
}

TEST_F(RedirectListener, EndsWhenItIsClosed) {
    wait(1h);
    ends->stop();
    settle(io);
    EXPECT_TRUE(io.stopped());
    ASSERT_TRUE(outcome && !*outcome);
    EXPECT_TRUE(outcome->error().is(errc::closed));
}

TEST_F(RedirectListener, ListensOnBothAddressesOfLocalhost) {
    if (!has_ipv6()) GTEST_SKIP() << "no ::1 here";
    wait();
    tcp::socket visitor(io);
    visitor.connect({asio::ip::address_v6::loopback(), port});
    asio::write(visitor, asio::buffer("GET " + good + " HTTP/1.1\r\n\r\n"));
    run_out(io);
    ASSERT_TRUE(outcome && *outcome);
    EXPECT_EQ(**outcome, "s3cret");
}

TEST(RedirectListenerPorts, OneThatIsTakenOnTheOtherAddressIsNotUsed) {
    if (!has_ipv6()) GTEST_SKIP() << "no ::1 here";
    asio::io_context io;
    tcp::acceptor other(io);
    other.open(tcp::v6());
    other.set_option(asio::ip::v6_only(true));
    other.bind({asio::ip::address_v6::loopback(), 0});
    other.listen();
    const std::uint16_t taken = other.local_endpoint().port();
    const loop here(io.get_executor());
    EXPECT_FALSE(redirect_listener::open({taken}, here));
    const auto listener = redirect_listener::open({taken, 0}, here);
    ASSERT_TRUE(listener);
    EXPECT_NE(listener->port(), taken);
}

TEST(RedirectListenerPorts, AContextMayGoWhileItWaits) {
    for (const bool visited : {false, true}) {
        auto io = std::make_unique<asio::io_context>();
        auto listener = redirect_listener::open({0}, loop(io->get_executor()));
        ASSERT_TRUE(listener);
        asio::io_context other;
        tcp::socket visitor(other);
        if (visited) visitor.connect({asio::ip::address_v4::loopback(), listener->port()});
        asio::co_spawn(*io, redirect_listener::wait(std::move(*listener), state, clock::now() + 1h), asio::detached);
        settle(*io);
        io.reset();
    }
}

TEST(RedirectListenerPorts, TheFirstFreeOneIsTaken) {
    asio::io_context io;
    const loop here(io.get_executor());
    const auto first = redirect_listener::open({0}, here);
    ASSERT_TRUE(first);
    const auto second = redirect_listener::open({first->port(), 0}, here);
    ASSERT_TRUE(second);
    EXPECT_NE(second->port(), first->port());
    const auto none = redirect_listener::open({first->port(), second->port()}, here);
    ASSERT_FALSE(none);
    EXPECT_TRUE(none.error().is(errc::connect_failed));
    EXPECT_NE(none.error().detail.find("127.0.0.1"), std::string::npos) << none.error().detail;
    EXPECT_FALSE(redirect_listener::open({}, here));
}

}  // namespace
}  // namespace dbxapps::net
