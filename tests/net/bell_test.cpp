#include <net/delivery.hpp>
#include <support/workspace.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <thread>

namespace dbxapps::net {
namespace {

using namespace std::chrono_literals;
using asio::awaitable;
using test::run_out;

awaitable<void> wait_on(bell b, time_point deadline, std::optional<wake>& out) {
    co_await asio::this_coro::throw_if_cancelled(false);
    out = co_await wait_for_bell(b, deadline);
}

TEST(Bell, RungBeforeOrAfterTheWaitWakesOnce) {
    asio::io_context io;
    for (const bool before : {true, false}) {
        bell b(io.get_executor());
        std::optional<wake> why;
        if (before) b.ring();
        asio::co_spawn(io, wait_on(b, time_point::max(), why), asio::detached);
        io.restart();
        io.poll();
        EXPECT_EQ(why.has_value(), before);
        b.ring();
        run_out(io);
        EXPECT_EQ(why, wake::rung);
    }
}

TEST(Bell, ADeadlineIsNeverEarlyAndHoldsNoWorkAfterwards) {
    asio::io_context io;
    bell b(io.get_executor());
    std::optional<wake> why;
    const auto at = clock::now() + 30ms;
    asio::co_spawn(io, wait_on(b, at, why), asio::detached);
    run_out(io);
    EXPECT_GE(clock::now(), at);
    EXPECT_EQ(why, wake::timed_out);
}

TEST(Bell, NothingIsLeftToRunWhenTheLastDeadlineIsGone) {
    asio::io_context io;
    const bell early(io.get_executor()), late(io.get_executor());
    std::optional<wake> first, second;
    asio::co_spawn(io, wait_on(early, clock::now() + 1h, first), asio::detached);
    asio::co_spawn(io, wait_on(late, clock::now() + 1h, second), asio::detached);
    io.poll();
    early.ring();
    io.poll();
    EXPECT_EQ(first, wake::rung);
    EXPECT_FALSE(io.stopped()) << "the other one is still waited for";
    late.ring();
    io.poll();
    EXPECT_EQ(second, wake::rung);
    EXPECT_TRUE(io.stopped()) << "and run() would return, not wait for the next tick";
}

TEST(Loop, EndsWhileTheSocketsOfItsContextStillWork) {
    struct member final : loop_member {
        void loop_gone() noexcept override { sockets_worked = !pending.expired(); }
        std::weak_ptr<int> pending;
        bool sockets_worked = false;
    };
    const auto m = std::make_shared<member>();
    {
        asio::io_context io;
        const loop l(io.get_executor());  // before anything else of the context
        l.state().join(std::weak_ptr<loop_member>(std::shared_ptr<loop_member>(m)));
        asio::ip::tcp::acceptor waiting(io, {asio::ip::address_v4::loopback(), 0});
        const auto held = std::make_shared<int>();
        m->pending = held;
        waiting.async_accept([held](boost::system::error_code, const asio::ip::tcp::socket&) {});
    }
    EXPECT_TRUE(m->sockets_worked) << "what waited for the socket was destroyed before";
}

TEST(Bell, TerminalCancellationEndsTheWaitAndAnEarlierOneIsSeen) {
    asio::io_context io;
    bell b(io.get_executor());
    asio::cancellation_signal signal;
    std::optional<wake> first, second;
    asio::co_spawn(
        io,
        [&]() -> awaitable<void> {
            co_await asio::this_coro::throw_if_cancelled(false);
            first = co_await wait_for_bell(b, time_point::max());
            second = co_await wait_for_bell(b, time_point::max());
        },
        asio::bind_cancellation_slot(signal.slot(), asio::detached));
    io.poll();
    signal.emit(asio::cancellation_type::terminal);
    run_out(io);
    EXPECT_EQ(first, wake::cancelled);
    EXPECT_EQ(second, wake::cancelled);
}

TEST(Bell, OfADestroyedContextMayBeRungAndItsCoroutineIsGone) {
    struct marker {
        bool& gone;
        ~marker() { gone = true; }
    };
    bool gone = false;
    std::optional<bell> b;
    {
        asio::io_context io;
        b.emplace(io.get_executor());
        asio::co_spawn(
            io,
            [&]() -> awaitable<void> {
                const marker m{gone};
                co_await wait_for_bell(*b, clock::now() + 1h);
                ADD_FAILURE() << "resumed after its context was destroyed";
            },
            asio::detached);
        io.poll();
        EXPECT_FALSE(gone);
    }
    EXPECT_TRUE(gone);
    b->ring();
}

TEST(Bell, RingsFromAnotherThreadRacingWithTheContextsEnd) {
    for (int round = 0; round < 200; ++round) {
        auto io = std::make_unique<asio::io_context>();
        std::vector<bell> bells;
        std::vector<std::optional<wake>> why(8);
        for (auto& w : why) {
            bells.emplace_back(io->get_executor());
            asio::co_spawn(*io, wait_on(bells.back(), clock::now() + 1h, w), asio::detached);
        }
        io->poll();
        std::thread ringer([&] {
            for (auto& b : bells)
                b.ring();
        });
        if (round % 2) io->run_for(1ms);
        io.reset();
        ringer.join();
    }
}

TEST(Delivery, AnAbandonedOneIsRefusedAndAnUntakenValueIsDestroyed) {
    asio::io_context io;
    delivery<std::shared_ptr<int>> d(io.get_executor());
    auto value = std::make_shared<int>(1);
    EXPECT_TRUE(d.deliver(value));
    EXPECT_EQ(value.use_count(), 2);
    d.abandon();
    EXPECT_EQ(value.use_count(), 1);
    EXPECT_FALSE(d.deliver(value));
    EXPECT_FALSE(d.take());
}

TEST(Loop, PostsUntilItsContextIsDestroyedAndTellsItsMembers) {
    struct member : loop_member {
        int told = 0;
        void loop_gone() noexcept override { ++told; }
    };
    const auto m = std::make_shared<member>();
    std::optional<loop> l;
    int ran = 0;
    {
        asio::io_context io;
        l.emplace(io.get_executor());
        l->state().join(std::weak_ptr<loop_member>(std::shared_ptr<loop_member>(m)));
        EXPECT_TRUE(l->post([&] { ++ran; }));
        EXPECT_EQ(ran, 0);
        run_out(io);
        EXPECT_EQ(ran, 1);
    }
    EXPECT_EQ(m->told, 1);
    EXPECT_FALSE(l->post([&] { ++ran; }));
    EXPECT_EQ(ran, 1);
}

}  // namespace
}  // namespace dbxapps::net
