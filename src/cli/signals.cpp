#include <cli/signals.hpp>

#include <fcntl.h>
#include <unistd.h>

namespace dbxapps::cli {

void die_by(int signal) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

void open_standard_descriptors() {
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        const int mode = fd == STDOUT_FILENO ? O_RDONLY : O_RDWR;       // a write there is to fail as it should
        if (::fcntl(fd, F_GETFD) < 0) (void)::open("/dev/null", mode);  // takes the lowest number: this one
    }
}

}  // namespace dbxapps::cli
