// What this process has used so far: CPU time, resident memory, and the time on a clock that never goes back.
#pragma once

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>

namespace bench {

using clock = std::chrono::steady_clock;

inline double seconds_since(clock::time_point start) {
    return std::chrono::duration<double>(clock::now() - start).count();
}

// User and system time of all threads.
inline double cpu_seconds() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

// 0 when the kernel does not say.
inline std::uint64_t resident_kib() {
    unsigned long long all = 0, resident = 0;
    if (std::FILE* const statm = std::fopen("/proc/self/statm", "re")) {
        if (std::fscanf(statm, "%llu %llu", &all, &resident) != 2) resident = 0;
        std::fclose(statm);
    }
    return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) / 1024;
}

class stopwatch {
public:
    double seconds() const { return seconds_since(start_); }
    double cpu() const { return cpu_seconds() - cpu_; }

private:
    double cpu_ = cpu_seconds();
    clock::time_point start_ = clock::now();
};

}  // namespace bench
