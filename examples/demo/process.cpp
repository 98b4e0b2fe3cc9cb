#include "process.hpp"

#include "words.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

namespace demo {

constexpr std::uint64_t spare_descriptors = 64;  // listeners, event loops, connections for tokens
constexpr std::uint64_t for_a_connection = 2;    // both of its ends are in this process

void forbid_core_files() {
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
}

bool keep_standard_streams() {
    const bool open = ::fcntl(STDOUT_FILENO, F_GETFD) != -1;
    int last = 0;
    do {
        last = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    } while (last >= 0 && last <= STDERR_FILENO);
    if (last >= 0) ::close(last);
    return open;
}

void print(std::string_view text) {
    errno = 0;
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
    if (std::ferror(stdout) == 0) return;
    const int why = errno != 0 ? errno : EIO;
    throw std::system_error(why, std::generic_category(), "cannot write to the standard output");
}

std::uint64_t raise_descriptors() {
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return RLIM_INFINITY;
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    return files.rlim_max;
}

std::string fit(options& asked, std::uint64_t descriptors) {
    const std::uint64_t each = std::min(asked.connections, asked.in_flight);
    const std::uint64_t needed = each * asked.apps * for_a_connection + spare_descriptors;
    if (needed <= descriptors) return {};
    const std::string limit = "only " + grouped(descriptors) + " descriptors may be open (ulimit -Hn), " +
                              grouped(needed) + " are needed for " + grouped(each) + " connections to each of " +
                              grouped(asked.apps) + " app(s)";
    const std::uint64_t usable = descriptors > spare_descriptors ? descriptors - spare_descriptors : 0;
    asked.connections = static_cast<unsigned>(usable / for_a_connection / asked.apps);
    if (asked.connections == 0) throw bad_option(limit + "; raise the limit, or ask for fewer --apps");
    asked.in_flight = std::min(asked.in_flight, asked.connections * asked.apps);
    return limit + "; going on with " + grouped(asked.connections) + " to each and " + grouped(asked.in_flight) +
           " calls in flight";
}

}  // namespace demo
