// Runs another program, without a shell, and takes what it says on its outputs.
//
// It leads a process group of its own, which is ended (SIGKILL) whenever this ends: when the program is done, at the
// deadline, when it says too much, by `ends`, at terminal cancellation, and when the coroutine is destroyed, as with
// its io_context. Nothing is left then but what left the group by itself. The disposition of SIGCHLD is neither changed
// nor needed: where this program ignores it, or reaps every child, only the exit status stays untold. Needs Linux 5.4.
#pragma once

#include <net/stops.hpp>

#include <dbxapps/error.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dbxapps::net {

struct program {
    std::string path;                                       // of its file; PATH is not searched
    std::vector<std::string> arguments{};                   // without its own name
    std::optional<std::vector<std::string>> environment{};  // "NAME=value" each; nothing: as this program's own
    std::size_t most_out = 1u << 20;                        // more on stdout ends it
    std::size_t most_err = 1u << 16;                        // of more on stderr, the end is kept: there is the reason
};

enum class ending : std::uint8_t {
    exited,
    killed,     // by a signal of somebody else
    untold,     // it is over; how, somebody else in this process was told
    timed_out,  // ended here, at the deadline
    flooded,    // ended here: too much on stdout
};

// What became of a program. Its output may be a secret, and is wiped when this goes.
struct program_end {
    program_end() = default;
    program_end(program_end&&) noexcept = default;
    program_end& operator=(program_end&&) = delete;
    ~program_end() { explicit_bzero(out.data(), out.size()); }

    bool succeeded() const noexcept { return how == ending::exited && status == 0; }
    std::string words() const;  // "ended with exit status 1"

    ending how = ending::untold;
    int status = 0;  // exited: the exit status; killed: the signal
    std::string out, err;
};

// Failures: bad_config (the file cannot be run), token_unavailable (the system has no room for it), cancelled, closed
// (by `ends`, which may be null).
asio::awaitable<result<program_end>> run_program(program, time_point deadline, std::shared_ptr<stops> ends);

}  // namespace dbxapps::net
