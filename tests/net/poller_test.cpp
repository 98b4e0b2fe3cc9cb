// Waits for sockets, told by an epoll of the context's own.
#include <net/socket.hpp>

#include <support/workspace.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace dbxapps::net {
namespace {

struct ends {
    explicit ends(const loop& where) {
        std::array<int, 2> fds{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()), 0);
        ours = std::move(*socket::adopt(fds[0], where));
        theirs = fds[1];
    }
    ~ends() { hang_up(); }
    ends(const ends&) = delete;
    ends& operator=(const ends&) = delete;
    void say(std::string_view words) const {
        EXPECT_EQ(::send(theirs, words.data(), words.size(), MSG_NOSIGNAL), static_cast<ssize_t>(words.size()));
    }
    std::string heard() const {
        std::array<char, 64> buffer{};
        const ssize_t n = ::recv(ours.descriptor(), buffer.data(), buffer.size(), 0);
        return n < 0 ? "nothing" : std::string(buffer.data(), static_cast<std::size_t>(n));
    }
    void hang_up() {
        if (theirs >= 0) ::close(std::exchange(theirs, -1));
    }

    socket ours;
    int theirs = -1;
};

struct Poller : testing::Test {
    // Runs what is ready, and says what the wait has told, if it is over.
    std::optional<unsigned> told() {
        io.restart();
        io.poll();
        return std::exchange(result, std::nullopt);
    }
    void wait(socket& s, unsigned what) {
        s.wait(what, [this](unsigned ready) { result = ready; });
    }

    asio::io_context io;
    loop where{io.get_executor()};
    std::optional<unsigned> result;
};

TEST_F(Poller, TellsInputThatComesDuringTheWaitOrBeforeIt) {
    ends pair(where);
    wait(pair.ours, poller::input);
    EXPECT_FALSE(told());
    pair.say("one");
    EXPECT_EQ(told(), poller::input);
    EXPECT_EQ(pair.heard(), "one");
    pair.say("two");
    wait(pair.ours, poller::input);
    EXPECT_EQ(told(), poller::input);
}

TEST_F(Poller, RemembersForOneWaitWhatCameWhileNobodyWaited) {
    ends pair(where), other(where);
    wait(other.ours, poller::input);
    EXPECT_FALSE(told());
    pair.say("early");
    EXPECT_FALSE(told());
    wait(pair.ours, poller::input);
    EXPECT_EQ(told(), poller::input);
    wait(pair.ours, poller::input);
    EXPECT_FALSE(told()) << "it was told";
}

TEST_F(Poller, TellsTheEndAgainAndAgain) {
    ends pair(where);
    pair.say("last words");
    pair.hang_up();
    for (int n = 0; n < 3; ++n) {
        wait(pair.ours, poller::input);
        EXPECT_EQ(told().value_or(0) & (poller::input | poller::over), poller::input | poller::over);
    }
    EXPECT_EQ(pair.heard(), "last words");
    EXPECT_EQ(pair.heard(), "");
}

TEST_F(Poller, TellsRoomAndAnEndFromAnotherThread) {
    ends pair(where);
    wait(pair.ours, poller::output);
    EXPECT_EQ(told(), poller::output);
    const std::string much(1 << 16, 'x');
    while (::send(pair.ours.descriptor(), much.data(), much.size(), MSG_NOSIGNAL) > 0) {
    }
    wait(pair.ours, poller::output);
    EXPECT_FALSE(told());
    std::thread([&] { ::shutdown(pair.ours.descriptor(), SHUT_RDWR); }).join();
    EXPECT_EQ(told().value_or(0) & poller::output, poller::output);
}

TEST_F(Poller, AStirredSocketOnlyGoesThroughTheQueue) {
    ends pair(where);
    pair.ours.stir();
    wait(pair.ours, poller::input);
    EXPECT_FALSE(result) << "never inside the call";
    EXPECT_EQ(told(), poller::input);
    wait(pair.ours, poller::input);
    EXPECT_FALSE(told());
}

TEST_F(Poller, IdleSocketsAreNoWorkAndAWaitIs) {
    ends pair(where);
    io.run();  // returns
    wait(pair.ours, poller::input);
    io.restart();
    pair.say("x");
    io.run();
    EXPECT_EQ(result, poller::input);
}

TEST_F(Poller, ACancelledWaitTellsNothingAndLeavesNoWork) {
    ends pair(where);
    asio::cancellation_signal stop;
    pair.ours.wait(poller::input,
                   asio::bind_cancellation_slot(stop.slot(), [this](unsigned ready) { result = ready; }));
    EXPECT_FALSE(told());
    stop.emit(asio::cancellation_type::terminal);
    io.restart();
    io.run();  // returns
    EXPECT_EQ(result, 0U);
}

TEST_F(Poller, AClosedSocketDropsItsWaitAndItsReports) {
    auto kept = std::make_shared<int>();
    {
        ends pair(where);
        pair.ours.wait(poller::input, [kept](unsigned) { ADD_FAILURE() << "the socket is closed"; });
        EXPECT_EQ(kept.use_count(), 2);
        pair.say("too late");
    }
    EXPECT_EQ(kept.use_count(), 1);
    io.restart();
    io.run();  // returns
}

// The number of a closed descriptor is the next one's, and so is its place.
TEST_F(Poller, WhatWasReportedOfAClosedSocketIsNotTheNextOnes) {
    ends waits(where);
    wait(waits.ours, poller::input);
    auto first = std::make_unique<ends>(where);
    bool ended = false;
    first->ours.wait(poller::input, [&](unsigned) { ended = true; });
    first->hang_up();
    first.reset();
    ends second(where);
    EXPECT_FALSE(told());
    wait(second.ours, poller::input);
    EXPECT_FALSE(told());
    EXPECT_FALSE(ended);
}

TEST_F(Poller, WaitsGoDownWithTheContextUnanswered) {
    auto kept = std::make_shared<int>();
    auto context = std::make_unique<asio::io_context>();
    const loop there(context->get_executor());
    ends pair(there), told_but_not_run(there);
    for (auto* each : {&pair, &told_but_not_run})
        each->ours.wait(poller::input, [kept](unsigned) { ADD_FAILURE() << "its context is gone"; });
    told_but_not_run.ours.stir();
    told_but_not_run.say("x");
    context.reset();
    EXPECT_EQ(kept.use_count(), 1);
    pair.ours.wait(poller::input, [kept](unsigned) { ADD_FAILURE() << "its context is gone"; });
    EXPECT_EQ(kept.use_count(), 1);
    EXPECT_FALSE(socket::adopt(::dup(pair.theirs), there));
}

// What is ready when they part is told to each.
TEST_F(Poller, ParentAndChildOfAForkTakeNothingFromEachOther) {
    ends before(where);
    wait(before.ours, poller::input);
    EXPECT_FALSE(told());
    before.say("both");
    io.notify_fork(asio::execution_context::fork_prepare);
    const pid_t child = ::fork();
    if (child == 0) {
        io.notify_fork(asio::execution_context::fork_child);
        ends own(where);
        bool heard = false;
        own.ours.wait(poller::input, [&](unsigned) { heard = true; });
        own.say("child");
        ::_exit(told() == poller::input && heard ? 0 : 1);
    }
    io.notify_fork(asio::execution_context::fork_parent);
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0) << "the child heard not all";
    EXPECT_EQ(told(), poller::input);
}

TEST_F(Poller, TellsOfUrgentDataThatAReadStopsAt) {
    asio::ip::tcp::acceptor listener(io, {asio::ip::address_v4::loopback(), 0});
    asio::ip::tcp::socket near(io);
    near.connect(listener.local_endpoint());
    asio::ip::tcp::socket far = listener.accept();
    near.non_blocking(true);
    socket ours = std::move(*socket::adopt(near.release(), where));
    for (const auto& [words, flags] : {std::pair("one", 0), std::pair("!", int{MSG_OOB}), std::pair("two", 0)})
        ::send(far.native_handle(), words, std::string_view(words).size(), flags);
    unsigned all = 0;
    for (int n = 0; n < 3 && (all & poller::urgent) == 0; ++n) {
        wait(ours, poller::input);
        all |= told().value_or(0);
    }
    EXPECT_EQ(all & (poller::input | poller::urgent | poller::over), poller::input | poller::urgent);
}

// Two sockets, each of which is heard inside the other's wait, for ever.
struct Talk : Poller {
    void go_on(ends& heard, ends& next, int& turns) {
        heard.ours.wait(poller::input, [&](unsigned) {
            EXPECT_EQ(heard.heard(), "x");
            ++turns;
            go_on(heard, next, turns);
            next.say("x");
            if (each) each();
        });
    }
    void begin(int& turns) {
        go_on(a, b, turns);
        go_on(b, a, turns);
        a.say("x");
    }

    ends a{where}, b{where};
    std::function<void()> each;
};

// They come one at a time, so one follows the other at once; but what else is ready has its turn, too.
TEST_F(Talk, LetsOthersHaveTheirTurn) {
    constexpr int bound = 64, marks = 5;
    int turns = 0, last = 0, seen = 0;
    std::function<void()> mark = [&] {
        EXPECT_LE(turns - std::exchange(last, turns), bound);
        ++seen < marks ? asio::post(io, mark) : io.stop();
    };
    begin(turns);
    each = [&] {
        if (turns == 1) asio::post(io, mark);
        if (turns > marks * bound) io.stop();  // it would not end by itself
    };
    io.run();
    EXPECT_EQ(seen, marks);
    EXPECT_GT(turns, marks) << "each turn went all the way through Asio";
}

// Asio waits for others while one is told; when those follow at once, nothing of that may stay behind.
TEST_F(Talk, LeavesNoWorkWhenTheLastWaitFollowsAtOnce) {
    int told_of = 0;
    a.ours.wait(poller::input, [&](unsigned) {
        ++told_of;
        b.say("x");
    });
    b.ours.wait(poller::input, [&](unsigned) { ++told_of; });
    a.say("x");
    io.poll();
    EXPECT_EQ(told_of, 2);
    EXPECT_TRUE(io.stopped()) << "run() would not return";
}

TEST_F(Talk, EndsWhenTheContextIsStoppedInside) {
    int turns = 0;
    begin(turns);
    each = [&] { io.stop(); };
    io.run();
    EXPECT_EQ(turns, 1);
    io.restart();
    io.run();
    EXPECT_EQ(turns, 2) << "what was ready is told when it goes on";
}

// The wait that throws takes no other one along.
TEST_F(Talk, OutlivesAWaitThatThrows) {
    int turns = 0;
    begin(turns);
    each = [&] { throw turns; };
    for (int n = 1; n <= 3; ++n) {
        EXPECT_THROW(io.run(), int);
        EXPECT_EQ(turns, n);
    }
}

// One is told, waits again and is ready at once; the other follows in the next turn, and takes its time.
TEST_F(Talk, WhatIsReadyAgainIsThereForOtherThreads) {
    std::promise<void> again;
    std::future_status seen{};
    std::thread another;
    a.ours.wait(poller::input, [&](unsigned) {
        a.ours.stir();
        a.ours.wait(poller::input, [&](unsigned) { again.set_value(); });
        b.say("x");
    });
    b.ours.wait(poller::input, [&](unsigned) {
        another = std::thread([this] { io.run(); });
        seen = again.get_future().wait_for(std::chrono::seconds(30));
    });
    a.say("x");
    io.run();
    another.join();
    EXPECT_EQ(seen, std::future_status::ready);
}

// Many that are ready together, again and again.
struct Crowd : Poller {
    static constexpr int most = 5 * 96;
    Crowd() {
        quiet.ours.wait(poller::input, [](unsigned) {});
        for (int n = 0; n < 32; ++n) {
            go_on(*all.emplace_back(std::make_unique<ends>(where)));
            all.back()->say("x");
        }
    }
    void go_on(ends& each) {
        each.ours.wait(poller::input, [this, &each](unsigned) {
            EXPECT_EQ(each.heard(), "x");
            go_on(each);
            each.say("x");
            if (++told_of > most) io.stop();  // it would not end by itself
        });
    }
    ends quiet{where};
    std::vector<std::unique_ptr<ends>> all;
    int told_of = 0;
};

TEST_F(Crowd, LetsOthersHaveTheirTurn) {
    constexpr int marks = 5;
    int last = 0, seen = 0;
    std::function<void()> mark = [&] {
        EXPECT_LE(told_of - std::exchange(last, told_of), most / marks);
        ++seen < marks ? asio::post(io, mark) : io.stop();
    };
    asio::post(io, mark);
    io.run();
    EXPECT_EQ(seen, marks);
}

// Two waits that end at the same time.
struct Together : Poller {
    template <class First, class Second>
    void begin(First first, Second second) {
        a.ours.wait(poller::input, [first](unsigned) { first(); });
        b.ours.wait(poller::input, [second](unsigned) { second(); });
        a.say("x");
        b.say("x");
    }
    ends a{where}, b{where};
};

TEST_F(Together, WhenOneTakesItsTimeAnotherThreadGoesOnWithTheOther) {
    for (int times = 0; times < 2; ++times) {
        std::promise<void> second;
        std::future_status seen{};
        begin([&] { seen = second.get_future().wait_for(std::chrono::seconds(30)); }, [&] { second.set_value(); });
        io.restart();
        std::thread another([this] { io.run(); });
        io.run();
        another.join();
        EXPECT_EQ(seen, std::future_status::ready);
        a.heard(), b.heard();
    }
}

TEST_F(Together, TheOtherIsToldWhenAStoppedContextGoesOn) {
    int told_of = 0;
    begin([&] { ++told_of, io.stop(); }, [&] { ++told_of; });
    io.run();
    EXPECT_EQ(told_of, 1);
    io.restart();
    io.run();
    EXPECT_EQ(told_of, 2);
}

TEST_F(Together, TheOtherOutlivesOneThatThrows) {
    int told_of = 0;
    begin([&] { throw ++told_of; }, [&] { ++told_of; });
    EXPECT_THROW(io.run(), int);
    io.run();
    EXPECT_EQ(told_of, 2);
}

// The place of a closed socket is the next one's; what was about to be told is not.
TEST_F(Together, TheOtherIsNotToldOnceClosedNorIsWhoeverHasItsPlace) {
    std::optional<ends> next;
    bool told_of_next = false;
    const auto replace = [&] {
        b.ours = socket();
        next.emplace(where);
        next->ours.wait(poller::input, [&](unsigned) { told_of_next = true; });
    };
    begin(replace, [] { ADD_FAILURE() << "it is closed"; });
    io.poll();
    EXPECT_FALSE(told_of_next);
    next->say("x");
    io.restart();
    io.poll();
    EXPECT_TRUE(told_of_next);
}

asio::awaitable<void> echo(socket& from, int times, std::atomic<int>& heard) {
    for (int mine = 0; mine < times;) {
        co_await from.wait(poller::input, asio::deferred);
        char byte;
        for (; ::recv(from.descriptor(), &byte, 1, 0) == 1; ++mine)
            ::send(from.descriptor(), &byte, 1, MSG_NOSIGNAL);
    }
    heard.fetch_add(times);
}

// Each talks to the next in a ring of pairs: on four threads, through strands and without, no wake-up may be lost.
TEST_F(Poller, LosesNoWakeUpAmongThreads) {
    constexpr int pairs = 32, times = 300;
    std::vector<std::unique_ptr<ends>> lines;
    std::vector<std::thread> others;
    std::atomic<int> heard{0};
    for (int n = 0; n < pairs; ++n) {
        auto& line = *lines.emplace_back(std::make_unique<ends>(where));
        auto far = std::make_shared<socket>(std::move(*socket::adopt(::dup(line.theirs), where)));
        asio::any_io_executor ex = io.get_executor();
        if (n % 2 == 0) ex = asio::make_strand(io);
        asio::co_spawn(ex, echo(line.ours, times, heard), asio::detached);
        asio::co_spawn(
            ex, [far, &heard]() -> asio::awaitable<void> { co_await echo(*far, times, heard); }, asio::detached);
        line.say("x");
    }
    for (int n = 0; n < 4; ++n)
        others.emplace_back([this] { io.run(); });
    for (auto& t : others)
        t.join();
    EXPECT_EQ(heard.load(), 2 * pairs * times);
}

}  // namespace
}  // namespace dbxapps::net
