#include <integration/child.hpp>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace dbxapps::integration {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& words) { throw std::runtime_error(words); }

std::string find(const std::string& name, const std::string& packages) {
    if (name.find('/') != name.npos) return name;
    const char* const path = std::getenv("PATH");
    std::istringstream folders("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:" +
                               std::string(path ? path : ""));
    for (std::string folder; std::getline(folders, folder, ':');) {
        const std::string file = folder + "/" + name;
        if (folder.starts_with('/') && ::access(file.c_str(), X_OK) == 0) return file;
    }
    fail(name + " is not installed; it comes with Debian's " + packages + " (./dev test installs it)");
}

std::vector<char*> pointers(const std::vector<std::string>& words) {
    std::vector<char*> out;
    for (const auto& word : words)
        out.push_back(const_cast<char*>(word.c_str()));
    out.push_back(nullptr);
    return out;
}

// What posix_spawn has to be told: where the outputs go, the folder, and a group and signals of its own.
struct spawn_settings {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;

    explicit spawn_settings(const program& p) {
        ::posix_spawn_file_actions_init(&files);
        ::posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_addopen(&files, 1, p.log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
        ::posix_spawn_file_actions_adddup2(&files, 1, 2);
        ::posix_spawn_file_actions_addchdir_np(&files, p.folder.c_str());
        sigset_t none, all;
        ::sigemptyset(&none);
        ::sigfillset(&all);
        ::posix_spawnattr_init(&attributes);
        ::posix_spawnattr_setpgroup(&attributes, 0);
        ::posix_spawnattr_setsigmask(&attributes, &none);
        ::posix_spawnattr_setsigdefault(&attributes, &all);
        ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }
    ~spawn_settings() {
        ::posix_spawn_file_actions_destroy(&files);
        ::posix_spawnattr_destroy(&attributes);
    }
    spawn_settings(const spawn_settings&) = delete;
    spawn_settings& operator=(const spawn_settings&) = delete;
};

}  // namespace

child::child(program p) : program_(std::move(p)) {
    std::vector<std::string> words{find("setpriv", "util-linux"), "--pdeathsig", "TERM"};
    if (!program_.user.empty() && ::geteuid() == 0) {
        words.insert(words.end(), {"--reuid", program_.user, "--regid", program_.user, "--clear-groups"});
    }
    words.push_back(find(program_.name, program_.packages));
    words.insert(words.end(), program_.arguments.begin(), program_.arguments.end());
    start(words);
}

void child::start(const std::vector<std::string>& arguments) {
    const spawn_settings settings(program_);
    // The same few variables for everybody, so that nothing of a user's shell changes what is tested.
    const std::vector<std::string> variables{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8",
                                             "HOME=" + program_.folder.string(), "PYTHONDONTWRITEBYTECODE=1"};
    const int fault = ::posix_spawn(&id_, arguments[0].c_str(), &settings.files, &settings.attributes,
                                    pointers(arguments).data(), pointers(variables).data());
    if (fault != 0) fail("cannot start " + program_.name + ": " + std::strerror(fault));
    descriptor_ = static_cast<int>(::syscall(SYS_pidfd_open, id_, 0));  // C++ cannot link pidfd_open of glibc 2.36
    if (descriptor_ >= 0) return;
    const int why = errno;
    ::kill(-id_, SIGKILL);
    ::waitpid(id_, nullptr, 0);
    fail("cannot watch " + program_.name + ": " + std::strerror(why));
}

child::~child() {
    ::kill(-id_, SIGTERM);
    ended_within(3s);
    ::kill(-id_, SIGKILL);  // also what it left behind
    ::waitpid(id_, nullptr, 0);
    ::close(descriptor_);
}

bool child::ended_within(std::chrono::milliseconds time) const {
    pollfd one{descriptor_, POLLIN, 0};
    return ::poll(&one, 1, static_cast<int>(time.count())) == 1;
}

void child::wait_until(const std::function<bool()>& ready, std::chrono::seconds within) const {
    const auto until = std::chrono::steady_clock::now() + within;
    while (!ready()) {
        if (ended_within(5ms))
            fail(program_.name + " ended at once; its packages are " + program_.packages + end_of_log());
        if (std::chrono::steady_clock::now() > until) {
            fail(program_.name + " was not ready within " + std::to_string(within.count()) + " s" + end_of_log());
        }
    }
}

siginfo_t child::end(std::chrono::seconds within) const {
    if (!ended_within(within)) fail(program_.name + " did not end within " + std::to_string(within.count()) + " s");
    siginfo_t how{};
    ::waitid(P_PID, static_cast<id_t>(id_), &how, WEXITED | WNOWAIT);
    return how;
}

bool child::ended_well(std::chrono::seconds within) const {
    const siginfo_t how = end(within);
    return how.si_code == CLD_EXITED && how.si_status == 0;
}

std::string child::log() const {
    std::ifstream in(program_.log);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string child::end_of_log() const {
    const std::string all = log();
    constexpr std::size_t most = 2000;
    return "; the end of what it wrote:\n" + (all.size() > most ? all.substr(all.size() - most) : all);
}

void run_to_end(program p, std::chrono::seconds within) {
    const std::string name = p.name;
    const child one(std::move(p));
    if (!one.ended_well(within)) fail(name + " failed" + one.end_of_log());
}

}  // namespace dbxapps::integration
