// Shows how far the calls are: one line that is written over on a terminal, else a plain line every second.
#pragma once

#include "load.hpp"

#include <cstdio>

namespace demo {

class progress {
public:
    explicit progress(std::FILE* to);

    void watch(load&);  // returns when the calls have ended

private:
    void show(const load&);

    std::FILE* const to_;
    const bool terminal_;
};

}  // namespace demo
