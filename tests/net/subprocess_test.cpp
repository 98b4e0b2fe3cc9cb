// Shell scripts that do as they should, and as they should not.
#include <net/subprocess.hpp>
#include <support/scripts.hpp>
#include <support/workspace.hpp>

#include <fcntl.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include <atomic>
#include <csignal>
#include <future>
#include <sstream>
#include <thread>

namespace dbxapps::net {
namespace {

using namespace std::chrono_literals;
using asio::awaitable;
using namespace test;

// Until it goes, this process treats a signal otherwise.
class disposition {
public:
    disposition(int signal, void (*handler)(int)) : signal_(signal), before_(std::signal(signal, handler)) {}
    ~disposition() { std::signal(signal_, before_); }
    disposition(const disposition&) = delete;
    disposition& operator=(const disposition&) = delete;

private:
    int signal_;
    void (*before_)(int);
};

struct Subprocess : testing::Test {
    temporary_directory home;
    std::optional<asio::io_context> io{std::in_place};
    asio::cancellation_signal stop;
    std::shared_ptr<stops> ends = std::make_shared<stops>();
    std::optional<result<program_end>> outcome;
    const std::string pids = home.path() + "/pids";

    ~Subprocess() override { EXPECT_TRUE(has_no_children()); }
    program script(const std::string& lines) const {
        program out;
        out.path = make_script(home.path() + "/script", lines);
        return out;
    }
    void start(program what, duration within = 60s) {
        auto run = [this, within, held = std::make_shared<program>(std::move(what))]() -> awaitable<void> {
            co_await asio::this_coro::throw_if_cancelled(false);
            outcome.emplace(co_await run_program(std::move(*held), clock::now() + within, ends));
        };
        asio::co_spawn(*io, run, asio::bind_cancellation_slot(stop.slot(), asio::detached));
    }
    void run(program what, duration within = 60s) {
        start(std::move(what), within);
        run_out(*io);
        ASSERT_TRUE(outcome);
    }
    // Runs it to an end of its own kind.
    program_end end_of(program what, duration within = 60s) {
        run(std::move(what), within);
        if (*outcome) return std::move(**outcome);
        ADD_FAILURE() << outcome->error().detail;
        return {};
    }
    failure failure_of(program what) {
        run(std::move(what));
        if (!*outcome) return outcome->error();
        ADD_FAILURE() << "it ran";
        return {};
    }
    void start_hanging() {
        start(script(hang_and_tell(pids)));
        ASSERT_TRUE(eventually(*io, [&] { return has_told(pids); }));
    }
};

TEST_F(Subprocess, TakesBothOutputsAndTheExitStatus) {
    const auto end = end_of(script("printf 'an answer'; printf 'words' >&2; exit 3"));
    EXPECT_EQ(end.how, ending::exited);
    EXPECT_EQ(end.status, 3);
    EXPECT_FALSE(end.succeeded());
    EXPECT_EQ(end.out, "an answer");
    EXPECT_EQ(end.err, "words");
    EXPECT_EQ(end.words(), "ended with exit status 3");
}

TEST_F(Subprocess, SucceedsWithStatusZero) { EXPECT_TRUE(end_of(script("exit 0")).succeeded()); }

TEST_F(Subprocess, NoShellReadsTheArguments) {
    auto what = script("for one; do printf '[%s]' \"$one\"; done");
    what.arguments = {"a b", "$HOME", "\"'`id`", "", "x;y\nz", "--flag"};
    EXPECT_EQ(end_of(std::move(what)).out, "[a b][$HOME][\"'`id`][][x;y\nz][--flag]");
}

TEST_F(Subprocess, InheritsTheEnvironmentOrGetsAnother) {
    ::setenv("DBXAPPS_SUBPROCESS_TEST", "inherited", 1);
    auto what = script("printf '%s' \"$DBXAPPS_SUBPROCESS_TEST-$ONE\"");
    EXPECT_EQ(end_of(what).out, "inherited-");
    what.environment = {"ONE=1 2", "TWO=2"};
    EXPECT_EQ(end_of(what).out, "-1 2");
    ::unsetenv("DBXAPPS_SUBPROCESS_TEST");
}

TEST_F(Subprocess, ReadsNothingAndGetsNoOtherDescriptor) {
    const int left_open = ::open("/dev/null", O_RDONLY);
    const auto end = end_of(script("cat; exec ls /proc/self/fd"));
    ::close(left_open);
    EXPECT_EQ(end.out, "0\n1\n2\n3\n");  // the last is the directory that is listed
}

TEST_F(Subprocess, StartsWithSignalsAsTheyAreByDefault) {
    const disposition ignored(SIGPIPE, SIG_IGN);
    sigset_t blocked, before;
    ::sigemptyset(&blocked);
    ::sigaddset(&blocked, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &blocked, &before);
    program what;
    what.path = "/bin/sed";  // a shell would unblock what is blocked
    what.arguments = {"-n", "s/^SigBlk://p; s/^SigIgn://p", "/proc/self/status"};
    const auto end = end_of(std::move(what));
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    std::istringstream masks(end.out);
    unsigned long long block = 1, ignore = 1;
    masks >> std::hex >> block >> ignore;
    EXPECT_EQ(block, 0u) << end.out;
    EXPECT_EQ(ignore & 0x7fffffff, 0u) << end.out;  // behind these are the C library's own
}

TEST_F(Subprocess, LeadsAGroupOfItsOwn) {
    const auto end = end_of(script("cut -d' ' -f5 /proc/$$/stat; echo $$"));
    const auto line = end.out.find('\n');
    EXPECT_EQ(end.out.substr(0, line), end.out.substr(line + 1, line)) << end.out;
}

TEST_F(Subprocess, TellsWhichSignalKilledIt) {
    const auto end = end_of(script("kill -15 $$"));
    EXPECT_EQ(end.how, ending::killed);
    EXPECT_EQ(end.words(), "was killed by signal 15");
}

TEST_F(Subprocess, SaysWhyAFileCannotBeRun) {
    program what;
    what.path = home.path() + "/none";
    auto why = failure_of(what);
    EXPECT_TRUE(why.is(errc::bad_config));
    EXPECT_NE(why.detail.find("there is no program " + what.path), std::string::npos) << why.detail;

    what.path = home.path() + "/interpreter";
    make_file(what.path, "#!/no/such/interpreter\n", 0700);
    EXPECT_NE(failure_of(what).detail.find("interpreter"), std::string::npos);

    what.path = home.path() + "/mode";
    make_file(what.path, "#!/bin/sh\n", 0600);
    why = failure_of(what);
    EXPECT_TRUE(why.is(errc::bad_config));
    EXPECT_EQ(why.detail, what.path + " cannot be run: Permission denied");

    what = script("exit");
    what.arguments = {std::string("a\0b", 3)};
    EXPECT_TRUE(failure_of(what).is(errc::bad_config));
}

TEST_F(Subprocess, EndsItAndItsChildAtTheDeadlineAndKeepsItsWords) {
    start(script("echo before >&2; " + hang_and_tell(pids)), 2s);
    ASSERT_TRUE(eventually(*io, [&] { return has_told(pids); }));
    const processes all(pids);
    ASSERT_TRUE(all.run(2));
    run_out(*io);
    ASSERT_TRUE(outcome && *outcome);
    EXPECT_EQ((*outcome)->how, ending::timed_out);
    EXPECT_EQ((*outcome)->err, "before\n");
    EXPECT_TRUE(has_no_children());
    EXPECT_TRUE(all.have_ended());
}

TEST_F(Subprocess, EndsOneThatClosesItsOutputsAndHangs) {
    const auto end = end_of(script("exec >&- 2>&-; exec sleep 1000"), 300ms);
    EXPECT_EQ(end.how, ending::timed_out);
}

// It joins the group of a child, which goes when it goes.
TEST_F(Subprocess, EndsOneThatHasLeftItsGroup) {
    start(script(
        "exec perl -e 'pipe(R, W); my $c = fork; if (!$c) { close W; <R>; exit } setpgrp($c, $c); "
        "setpgrp(0, $c) or die; open(F, \">\", \"" +
        pids + ".new\"); print F \"$$ $c\"; close F; rename(\"" + pids + ".new\", \"" + pids + "\"); sleep 1000'"));
    ASSERT_TRUE(eventually(*io, [&] { return has_told(pids); }));
    const processes all(pids);
    ASSERT_TRUE(all.run(2));
    ends->stop();
    run_out(*io);
    EXPECT_TRUE(has_no_children());
    EXPECT_TRUE(all.have_ended());
}

TEST_F(Subprocess, EndsAChildThatKeepsTheOutputsOpenAfterIt) {
    const auto began = clock::now();
    const auto end = end_of(script("sleep 1000 & echo $! >" + pids + "; echo answer; exit 4"));
    EXPECT_LT(clock::now() - began, 30s);
    EXPECT_EQ(end.words(), "ended with exit status 4");
    EXPECT_EQ(end.out, "answer\n");
    std::ifstream in(pids);
    pid_t child = 0;
    in >> child;
    const int fd = static_cast<int>(::syscall(SYS_pidfd_open, child, 0));
    pollfd one{fd, POLLIN, 0};
    EXPECT_TRUE(fd < 0 || ::poll(&one, 1, 10000) == 1);
    if (fd >= 0) ::close(fd);
}

TEST_F(Subprocess, TakesWhatAChildSaysSoonAfterwards) {
    // The fifo ends with the script.
    const std::string fifo = home.path() + "/fifo";
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    const std::string lines = "(read ignored <" + fifo + "; printf later) & exec 3>" + fifo + "; printf 'now '";
    EXPECT_EQ(end_of(script(lines)).out, "now later");
}

TEST_F(Subprocess, EndsAFloodOfOutput) {
    const auto end = end_of(script("exec yes"));
    EXPECT_EQ(end.how, ending::flooded);
    EXPECT_EQ(end.words(), "said more than could be an answer, and was ended");

    auto what = script("printf 1234567890");
    what.most_out = 10;
    EXPECT_EQ(end_of(what).out, "1234567890");
    what.most_out = 9;
    EXPECT_EQ(end_of(what).how, ending::flooded);
}

TEST_F(Subprocess, CutsAFloodOfWordsAndGoesOn) {
    const auto end = end_of(script("head -c 300000 /dev/zero >&2; printf 'the reason' >&2; echo answer"));
    EXPECT_TRUE(end.succeeded());
    EXPECT_EQ(end.err.size(), 65536u);
    EXPECT_TRUE(end.err.ends_with("the reason"));
    EXPECT_EQ(end.out, "answer\n");
    EXPECT_EQ(end_of(script("exec yes >&2"), 300ms).how, ending::timed_out);
}

TEST_F(Subprocess, IsNotStartedWhenItIsTooLate) {
    const std::string ran = home.path() + "/ran";
    const auto late = script("touch " + ran);
    run(late, -1s);
    EXPECT_TRUE(!*outcome && outcome->error().is(errc::timed_out));
    ends->stop();
    run(late);
    EXPECT_TRUE(!*outcome && outcome->error().is(errc::closed));
    EXPECT_FALSE(std::filesystem::exists(ran));
}

TEST_F(Subprocess, CancellationEndsTheWholeGroup) {
    start_hanging();
    const processes all(pids);
    ASSERT_TRUE(all.run(2));
    stop.emit(asio::cancellation_type::terminal);
    run_out(*io);
    ASSERT_TRUE(outcome && !*outcome);
    EXPECT_TRUE(outcome->error().is(errc::cancelled));
    EXPECT_TRUE(has_no_children());
    EXPECT_TRUE(all.have_ended());
}

TEST_F(Subprocess, WhoeverStopsItEndsTheWholeGroup) {
    start_hanging();
    const processes all(pids);
    ASSERT_TRUE(all.run(2));
    ends->stop();
    run_out(*io);
    ASSERT_TRUE(outcome && !*outcome);
    EXPECT_TRUE(outcome->error().is(errc::closed));
    EXPECT_TRUE(has_no_children());
    EXPECT_TRUE(all.have_ended());

    EXPECT_TRUE(failure_of(script("exec sleep 1000")).is(errc::closed));  // stopped before it began
}

TEST_F(Subprocess, GoesWithItsContext) {
    start_hanging();
    const processes all(pids);
    ASSERT_TRUE(all.run(2));
    io.reset();
    EXPECT_FALSE(outcome);
    EXPECT_TRUE(has_no_children());
    EXPECT_TRUE(all.have_ended());
}

TEST_F(Subprocess, WorksWhereSigchldIsIgnoredAndSaysThatTheStatusIsUntold) {
    const disposition ignored(SIGCHLD, SIG_IGN);
    const auto end = end_of(script("sleep 1000 & echo answer; echo words >&2; exit 5"));
    EXPECT_EQ(end.how, ending::untold);
    EXPECT_EQ(end.out, "answer\n");
    EXPECT_EQ(end.err, "words\n");
    EXPECT_FALSE(end.succeeded());
    EXPECT_NE(end.words().find("SIGCHLD"), std::string::npos);

    start(script(hang_and_tell(pids)), 2s);
    ASSERT_TRUE(eventually(*io, [&] { return has_told(pids); }));
    const processes all(pids);
    ASSERT_TRUE(all.run(2));
    run_out(*io);
    ASSERT_TRUE(outcome && *outcome);
    EXPECT_EQ((*outcome)->how, ending::timed_out);
    EXPECT_TRUE(all.have_ended());
}

// It says much, so that it is looked after thousands of times while signals come, and goes on for longer than the
// grace.
TEST_F(Subprocess, SignalsToThisThreadAreNoEndOfIt) {
    const disposition handled(SIGUSR1, [](int) {});
    std::atomic<bool> over{false};
    std::thread signals([&over, to = ::pthread_self()] {
        while (!over)
            ::pthread_kill(to, SIGUSR1);
    });
    const auto end = end_of(script("head -c 200000000 /dev/zero >&2; sleep 1; echo answer; exit 4"));
    over = true;
    signals.join();
    EXPECT_EQ(end.words(), "ended with exit status 4");
    EXPECT_EQ(end.out, "answer\n");
}

TEST_F(Subprocess, LeavesNoDescriptorBehind) {
    (void)end_of(script("exit"));
    const auto before = open_descriptors();
    (void)end_of(script("echo answer; exit 1"));
    (void)end_of(script("exec sleep 1000"), 50ms);
    (void)end_of(script("exec yes"));
    (void)failure_of(program{"/no/such/program"});
    start_hanging();
    stop.emit(asio::cancellation_type::terminal);
    run_out(*io);
    EXPECT_EQ(open_descriptors(), before);
    std::filesystem::remove(pids);
    start_hanging();
    io.reset();
    io.emplace();
    (void)end_of(script("exit"));
    EXPECT_EQ(open_descriptors(), before);
}

TEST_F(Subprocess, ManyRunAtOnceOnSeveralThreads) {
    asio::thread_pool pool(2);
    std::vector<std::future<bool>> all;
    const program what = script("echo answer; echo words >&2");
    for (int i = 0; i < 20; ++i) {
        all.push_back(asio::co_spawn(
            pool,
            [](program p) -> awaitable<bool> {
                const auto end = co_await run_program(std::move(p), clock::now() + 60s, nullptr);
                co_return end && end->succeeded() && end->out == "answer\n" && end->err == "words\n";
            }(what),
            asio::use_future));
    }
    for (auto& one : all)
        EXPECT_TRUE(one.get());
    pool.join();
}

}  // namespace
}  // namespace dbxapps::net
