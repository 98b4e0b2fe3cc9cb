#include <net/subprocess.hpp>

#include <net/inlet.hpp>
#include <net/loop.hpp>

#include <boost/asio/this_coro.hpp>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

extern char** environ;

namespace dbxapps::net {
namespace {

// Children that keep the outputs open after the program has ended get this long to say something.
constexpr duration grace = std::chrono::milliseconds(500);
// SIGKILL works at once, unless the kernel itself is stuck.
constexpr int reap_within_ms = 1000;

failure no_room(const std::string& path, int fault) {
    const error_code why(fault, boost::system::system_category());
    return {errc::token_unavailable, path + " cannot be started for now: " + why.message(), why};
}

failure not_started(const std::string& path, int fault) {
    const error_code why(fault, boost::system::system_category());
    if (fault == ENOENT || fault == ENOTDIR) {
        return {errc::bad_config, "there is no program " + path + ", or not the interpreter that its first line names",
                why};
    }
    if (fault == EACCES || fault == ENOEXEC || fault == ELOOP)
        return {errc::bad_config, path + " cannot be run: " + why.message(), why};
    return no_room(path, fault);
}

// What posix_spawn has to be told. The child gets no descriptor but the three, and signals as at a login shell.
class spawn_settings {
public:
    spawn_settings(int out, int err) {
        ::posix_spawn_file_actions_init(&files_);
        ::posix_spawn_file_actions_addopen(&files_, 0, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_adddup2(&files_, out, 1);
        ::posix_spawn_file_actions_adddup2(&files_, err, 2);
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 34)
        ::posix_spawn_file_actions_addclosefrom_np(&files_, 3);
#endif
        sigset_t none, all;
        ::sigemptyset(&none);
        ::sigfillset(&all);
        ::posix_spawnattr_init(&attributes_);
        ::posix_spawnattr_setpgroup(&attributes_, 0);
        ::posix_spawnattr_setsigmask(&attributes_, &none);
        ::posix_spawnattr_setsigdefault(&attributes_, &all);
        ::posix_spawnattr_setflags(&attributes_,
                                   POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }
    ~spawn_settings() {
        ::posix_spawn_file_actions_destroy(&files_);
        ::posix_spawnattr_destroy(&attributes_);
    }
    spawn_settings(const spawn_settings&) = delete;
    spawn_settings& operator=(const spawn_settings&) = delete;

    int spawn(pid_t& id, const program& what) const {
        std::vector<char*> argv{const_cast<char*>(what.path.c_str())};
        for (const auto& word : what.arguments)
            argv.push_back(const_cast<char*>(word.c_str()));
        argv.push_back(nullptr);
        std::vector<char*> variables;
        if (what.environment) {
            for (const auto& one : *what.environment)
                variables.push_back(const_cast<char*>(one.c_str()));
        }
        variables.push_back(nullptr);
        return ::posix_spawn(&id, what.path.c_str(), &files_, &attributes_, argv.data(),
                             what.environment ? variables.data() : environ);
    }

private:
    posix_spawn_file_actions_t files_;
    posix_spawnattr_t attributes_;
};

class running {
public:
    running(const loop& here, const bell& news)
        : out_(here.executor(), news), err_(here.executor(), news), over_(here.executor(), news) {}
    ~running() { end_all(); }
    running(const running&) = delete;
    running& operator=(const running&) = delete;

    result<void> start(const program& what) {
        std::array<int, 2> out{}, err{};
        if (::pipe2(out.data(), O_CLOEXEC) != 0) return no_room(what.path, errno);
        descriptor out_here(out[0]), out_there(out[1]);
        if (::pipe2(err.data(), O_CLOEXEC) != 0) return no_room(what.path, errno);
        descriptor err_here(err[0]), err_there(err[1]);
        if (!out_.open(std::move(out_here)) || !err_.open(std::move(err_here))) return no_room(what.path, EMFILE);
        const spawn_settings settings(out_there.get(), err_there.get());
        pid_t id = 0;
        if (const int fault = settings.spawn(id, what); fault != 0) return not_started(what.path, fault);
        id_ = id;
        return watch_end(what.path);
    }
    bool gone() { return over_.readable(); }
    // True: neither output will say more.
    bool read(program_end& into, const program& what) {
        const bool more = out_.read(into.out, what.most_out + 1, inlet::kept::first);
        return !err_.read(into.err, what.most_err, inlet::kept::last) && !more;
    }
    void watch() {
        out_.watch();
        err_.watch();
        over_.watch();
    }
    // How it ended, if nobody else here was told.
    std::optional<siginfo_t> end_all() noexcept {
        if (id_ <= 0) return std::nullopt;
        end_group();
        id_ = 0;
        const int fd = over_.get();
        if (fd >= 0) ::syscall(SYS_pidfd_send_signal, fd, SIGKILL, nullptr, 0);  // should it have left its own group
        pollfd one{fd, POLLIN, 0};
        while (fd >= 0 && ::poll(&one, 1, reap_within_ms) < 0 && errno == EINTR) {
        }
        siginfo_t how{};
        if (fd < 0 || wait(how, WEXITED | WNOHANG) != 0 || how.si_pid == 0) return std::nullopt;
        return how;
    }

private:
    result<void> watch_end(const std::string& path) {
        descriptor fd(static_cast<int>(::syscall(SYS_pidfd_open, id_, 0)));  // C++ cannot link that of glibc 2.36
        const int fault = errno;
        if (fd.get() < 0 && fault == ESRCH) return {};  // it has ended, and SIGCHLD is ignored
        if (fd.get() >= 0 && over_.open(std::move(fd))) return {};
        ::kill(-id_, SIGKILL);
        ::waitpid(std::exchange(id_, 0), nullptr, 0);
        return no_room(path, fault);
    }
    int wait(siginfo_t& how, int options) noexcept {
        return ::waitid(P_PIDFD, static_cast<id_t>(over_.get()), &how, options);
    }
    // Before the leader is reaped: until then, its number is nobody else's.
    void end_group() noexcept {
        constexpr unsigned whole_group = 4;  // PIDFD_SIGNAL_PROCESS_GROUP
        const int fd = over_.get();
        if (fd >= 0 && (::syscall(SYS_pidfd_send_signal, fd, SIGKILL, nullptr, whole_group) == 0 || errno == ESRCH))
            return;
        // Linux before 6.9. Once somebody else has reaped the leader, only members that are left keep the number.
        siginfo_t how{};
        const bool reaped = fd < 0 || (wait(how, WEXITED | WNOHANG | WNOWAIT) != 0 && errno == ECHILD);
        if (!reaped || out_.get() >= 0 || err_.get() >= 0) ::kill(-id_, SIGKILL);
    }

    pid_t id_ = 0;
    inlet out_, err_, over_;
};

void tell(program_end& end, const std::optional<siginfo_t>& how) {
    if (!how) return;
    end.how = how->si_code == CLD_EXITED ? ending::exited : ending::killed;
    end.status = how->si_status;
}

bool has_nul(const std::string& s) { return s.find('\0') != s.npos; }

}  // namespace

std::string program_end::words() const {
    switch (how) {
        case ending::exited: return "ended with exit status " + std::to_string(status);
        case ending::killed: return "was killed by signal " + std::to_string(status);
        case ending::untold:
            return "ended, and its exit status went to somebody else in this process, which ignores SIGCHLD or reaps "
                   "all children";
        case ending::timed_out: return "was not done in time, and was ended";
        case ending::flooded: return "said more than could be an answer, and was ended";
    }
    return {};
}

asio::awaitable<result<program_end>> run_program(program what, time_point deadline, std::shared_ptr<stops> ends) {
    if (has_nul(what.path) || std::any_of(what.arguments.begin(), what.arguments.end(), has_nul))
        co_return failure(errc::bad_config, "what is said to a program cannot have a NUL in it");
    const auto ex = co_await asio::this_coro::executor;
    const bell news(ex);
    const stops::wait ended(ends, news);
    if (ends && ends->stopped()) co_return failure(errc::closed, "closed before " + what.path + " was started");
    if (clock::now() >= deadline) {
        co_return failure(errc::timed_out, "there is no time left to run " + what.path);
    }
    running child(loop(ex), news);
    if (auto started = child.start(what); !started) co_return std::move(started).error();
    program_end end;
    end.out.reserve(16384);  // so that what is secret is not left where the text grew
    std::optional<time_point> until;
    for (;;) {
        const bool gone = child.gone();  // first: what is read afterwards is all that it said
        const bool silent = child.read(end, what);
        if (end.out.size() > what.most_out) end.how = ending::flooded;
        if (end.out.size() > what.most_out || (gone && silent)) break;
        if (gone && !until) until = std::min(deadline, clock::now() + grace);
        if (clock::now() >= until.value_or(deadline)) {
            if (!gone) end.how = ending::timed_out;
            break;
        }
        child.watch();
        const wake why = co_await wait_for_bell(news, until.value_or(deadline));
        if (why == wake::cancelled) co_return failure(errc::cancelled, "cancelled while " + what.path + " was running");
        if (ends && ends->stopped()) co_return failure(errc::closed, "closed while " + what.path + " was running");
    }
    const auto how = child.end_all();
    if (end.how == ending::untold) tell(end, how);
    co_return std::move(end);
}

}  // namespace dbxapps::net
