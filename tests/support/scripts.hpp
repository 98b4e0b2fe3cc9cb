// Programs made for a test: shell scripts in a directory of its own, and a look at processes that they started.
#pragma once

#include <support/temporary_directory.hpp>

#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace dbxapps::test {

// Returns its path. `size`: what it is padded to with NUL bytes, which no shell comes to read.
inline std::string make_script(const std::string& path, const std::string& lines, std::size_t size = 0) {
    std::string text = "#!/bin/sh\n" + lines + "\nexit\n";
    if (text.size() < size) text.resize(size, '\0');
    make_file(path, text, 0700);
    return path;
}

// Lines that tell who runs in `path` once it is there, and hang together with a child.
inline std::string hang_and_tell(const std::string& path) {
    return "sleep 1000 & echo $$ $! >" + path + ".new; mv " + path + ".new " + path + "; wait";
}
inline bool has_told(const std::string& path) { return std::filesystem::exists(path); }

// Processes by their numbers in a file. Opened while they run, so that nobody else can be meant later.
class processes {
public:
    explicit processes(const std::string& path) {
        std::ifstream in(path);
        for (pid_t id = 0; in >> id;)
            descriptors_.push_back(static_cast<int>(::syscall(SYS_pidfd_open, id, 0)));
    }
    ~processes() {
        for (const int fd : descriptors_)
            ::close(fd);
    }
    processes(const processes&) = delete;
    processes& operator=(const processes&) = delete;

    // All of them are there now.
    bool run(std::size_t how_many) const {
        for (const int fd : descriptors_) {
            pollfd one{fd, POLLIN, 0};
            if (fd < 0 || ::poll(&one, 1, 0) != 0) return false;
        }
        return descriptors_.size() == how_many;
    }
    // Waits for the end of each; the time is for a test that would hang.
    bool have_ended() const {
        for (const int fd : descriptors_) {
            pollfd one{fd, POLLIN, 0};
            if (::poll(&one, 1, 10000) != 1) return false;
        }
        return !descriptors_.empty();
    }

private:
    std::vector<int> descriptors_;
};

// Neither running nor waiting to be reaped.
inline bool has_no_children() { return ::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD; }

inline std::size_t open_descriptors() { return files_in("/proc/self/fd").size(); }

}  // namespace dbxapps::test
