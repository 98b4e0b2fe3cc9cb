#include "progress.hpp"

#include "words.hpp"

#include <unistd.h>

namespace demo {

using namespace std::chrono_literals;

progress::progress(std::FILE* to) : to_(to), terminal_(::isatty(::fileno(to)) == 1) {}

void progress::watch(load& all) {
    while (!all.wait(terminal_ ? 100ms : 1000ms))
        show(all);
    if (terminal_) std::fputs("\r\x1b[K", to_);  // the report takes its place
    std::fflush(to_);
}

void progress::show(const load& all) {
    const double seconds = std::chrono::duration<double>(all.elapsed()).count();
    const bool goes_on = all.done() >= all.calls() && all.refreshes_wanted() != 0;
    const std::string aim = goes_on ? " calls until " + grouped(all.refreshes_wanted()) + " refreshes, "
                                    : " of " + grouped(all.calls()) + " calls, ";
    const std::string line =
        grouped(all.done()) + aim + grouped(static_cast<std::uint64_t>(static_cast<double>(all.done()) / seconds)) +
        " per second, token refreshed " + grouped(all.refreshes()) + " times, " + grouped(all.failures()) + " failures";
    std::fprintf(to_, terminal_ ? "\r%s\x1b[K" : "%s\n", line.c_str());
    std::fflush(to_);
}

}  // namespace demo
