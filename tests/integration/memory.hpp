// How much this process grew at most since an object of this was made, in KiB, by what the kernel counts.
#pragma once

#include <malloc.h>

#include <cstdint>
#include <fstream>
#include <string>

namespace dbxapps::integration {

class memory_growth {
public:
    memory_growth() {
        ::malloc_trim(0);                               // or what is free hides that much
        std::ofstream("/proc/self/clear_refs") << "5";  // the peak begins anew, see proc(5)
        before_ = kib("VmRSS:");
    }
    std::int64_t peak_kib() const { return kib("VmHWM:") - before_; }

private:
    static std::int64_t kib(const std::string& name) {
        std::ifstream in("/proc/self/status");
        for (std::string word; in >> word;) {
            std::int64_t out = 0;
            if (word == name && in >> out) return out;
        }
        return -1;
    }
    std::int64_t before_;
};

}  // namespace dbxapps::integration
