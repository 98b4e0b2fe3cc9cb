// A program of the system that a test starts, waits for and surely ends.
//
// It leads a process group of its own. The destructor ends that group; when the thread that started it ends in any
// other way, the kernel ends the program (PR_SET_PDEATHSIG, by setpriv). Throws std::runtime_error, with the Debian
// packages that are missing or the end of the program's log. Distinct objects: safe.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace dbxapps::integration {

struct program {
    std::string name;      // looked for where Debian keeps programs, and then as the shell does; or its whole path
    std::string packages;  // where it comes from, for a person
    std::vector<std::string> arguments;
    std::filesystem::path folder;  // where it runs
    std::filesystem::path log;     // gets both its outputs
    std::string user;              // whom to run it as when the test runs as root; empty: as the test
};

class child {
public:
    explicit child(program);
    ~child();
    child(const child&) = delete;
    child& operator=(const child&) = delete;

    pid_t id() const noexcept { return id_; }
    bool ended_within(std::chrono::milliseconds) const;
    // Waits for that; throws when it does not end in time. What came of it, as waitid(2) tells.
    siginfo_t end(std::chrono::seconds within) const;
    bool ended_well(std::chrono::seconds within) const;
    // Asks every few milliseconds; throws when the program ends or the time is up before it is ready.
    void wait_until(const std::function<bool()>& ready, std::chrono::seconds within) const;
    std::string log() const;
    std::string end_of_log() const;

private:
    void start(const std::vector<std::string>& arguments);

    program program_;
    pid_t id_ = -1;
    int descriptor_ = -1;
};

// Runs a program that ends by itself.
void run_to_end(program, std::chrono::seconds within);

}  // namespace dbxapps::integration
