// Writers of the store that are killed wherever they happen to be: in the directory's making, the lock's, or a write.
#include <login/token_store.hpp>
#include <support/temporary_directory.hpp>
#include <support/workspace.hpp>

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <new>
#include <random>
#include <thread>

namespace dbxapps::test {
namespace {

using login::token_store;
using oauth::stored_login;

constexpr int rounds = 500;
const oauth::login_key key = {"https://ws.example", "databricks-cli", "offline_access all-apis", ""};

// The n-th is of another size than those beside it, so a rest of one behind another is seen.
stored_login numbered(int n) {
    stored_login out;
    out.access_token = std::to_string(n) + "-" + std::string(n % 2 == 0 ? 20 : 9000, 'a');
    out.refresh_token = std::to_string(n) + "-" + std::string(n % 3 == 0 ? 20 : 5000, 'r');
    out.expires_at = 1893456000 + n;
    return out;
}
bool is_numbered(const stored_login& login, int n) {
    const stored_login expected = numbered(n);
    return login.access_token == expected.access_token && login.refresh_token == expected.refresh_token &&
           login.expires_at == expected.expires_at;
}

// How far the writers got, in memory that they share with the test. Number 0 is no login at all; none is used twice.
struct progress {
    std::atomic<int> begun{0}, done{0};
};

bool write(const token_store& store, progress& at) {
    asio::io_context io;
    bool written = false;
    auto run = [](const token_store& to, progress& p, bool& out) -> awaitable<void> {
        const auto held = co_await to.lock(clock::now() + 30s);
        if (!held) co_return;
        const int n = ++p.begun;
        out = bool(to.write(*held, numbered(n)));
        p.done = n;
    };
    asio::co_spawn(io, run(store, at, written), asio::detached);
    io.run();
    return written;
}

struct KilledWriter : testing::Test {
    temporary_directory home;
    std::string directory = home.path() + "/dbxapps/tokens";
    token_store store{directory, key};
    progress* at =
        new (::mmap(nullptr, sizeof(progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) progress;

    ~KilledWriter() override { ::munmap(at, sizeof(progress)); }

    // The last one whose write came to its end, or the one that was being written.
    void expect_the_old_login_or_the_new_one() {
        const auto left = store.read();
        ASSERT_TRUE(left) << left.error().detail;
        EXPECT_EQ(left->warning, "");
        const int old = at->done, fresh = at->begun;
        if (left->login && is_numbered(*left->login, fresh)) {
            at->done = fresh;
        } else {
            EXPECT_TRUE(left->login ? is_numbered(*left->login, old) : old == 0)
                << "neither " << old << " nor " << fresh;
        }
    }
    // The names beside the login and the lock, none of which others can read.
    std::vector<std::string> left_over() const {
        std::vector<std::string> out;
        if (!std::filesystem::exists(directory)) return out;
        for (const auto& file : files_in(directory)) {
            EXPECT_EQ(mode_of(file), 0600u) << file;
            if (file != store.file() && !file.ends_with(".lock")) out.push_back(file);
        }
        return out;
    }
    // Starts a writer and ends it that much later, which is no matter for a clock: the kill may fall anywhere.
    void kill_one_after(std::chrono::microseconds time) {
        int started[2];
        ASSERT_EQ(::pipe(started), 0);
        const pid_t writer = ::fork();
        if (writer == 0) {
            bool going = ::write(started[1], "x", 1) == 1;
            while (going)
                going = write(store, *at);
            ::_exit(1);
        }
        ASSERT_GT(writer, 0);
        char byte = 0;
        ASSERT_EQ(::read(started[0], &byte, 1), 1);
        std::this_thread::sleep_for(time);
        ::kill(writer, SIGKILL);
        int status = 0;
        ASSERT_EQ(::waitpid(writer, &status, 0), writer);
        ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "the writer failed by itself";
        ::close(started[0]);
        ::close(started[1]);
    }
    std::chrono::microseconds time_of_a_write() {
        const auto from = clock::now();
        for (int i = 0; i < 20; ++i)
            EXPECT_TRUE(write(store, *at));
        return std::chrono::duration_cast<std::chrono::microseconds>(clock::now() - from) / 20;
    }
};

TEST_F(KilledWriter, LeavesTheOldLoginOrTheNewOneAndOneFileAtMost) {
    std::mt19937 random(7);
    const auto most = std::clamp<std::chrono::microseconds>(time_of_a_write() * 5 / 4, 200us, 20ms);
    std::uniform_int_distribution<std::int64_t> any(0, most.count());
    int cut = 0;
    for (int round = 0; round < rounds; ++round) {
        SCOPED_TRACE("round " + std::to_string(round));
        if (round % 10 == 0) {  // the first login of all
            std::filesystem::remove_all(home.path() + "/dbxapps");
            at->done = 0;
        }
        kill_one_after(std::chrono::microseconds(any(random)));
        if (HasFatalFailure()) return;
        expect_the_old_login_or_the_new_one();
        const auto rest = left_over();
        ASSERT_LE(rest.size(), 1u);
        cut += static_cast<int>(rest.size());
        if (HasFailure()) return;
        if (round % 5 != 4) continue;  // so that the next one meets what this one left
        ASSERT_TRUE(write(store, *at));
        const auto whole = store.read();
        ASSERT_TRUE(whole && whole->login && is_numbered(*whole->login, at->begun));
        ASSERT_TRUE(left_over().empty()) << "the next write takes it along";
    }
    EXPECT_GT(cut, rounds / 50) << "too few were killed within a write for this to say anything";
    RecordProperty("killed_within_a_write", cut);
}

}  // namespace
}  // namespace dbxapps::test
