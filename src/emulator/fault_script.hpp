// The faults that wait for requests of one place. Safe to share between threads; asking costs no lock while it is
// empty.
#pragma once

#include <dbxapps/emulator.hpp>

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <string_view>

namespace dbxapps::emulated {

class fault_script {
public:
    void add(emulator_fault);  // throws std::invalid_argument for one that cannot be carried out
    // The oldest fault with times left that fits the host (lower case, without port); null when there is none.
    std::shared_ptr<const emulator_fault> strike(std::string_view host);
    void clear();

private:
    struct entry {
        std::shared_ptr<const emulator_fault> fault;
        std::uint64_t left;
    };

    std::mutex mutex_;
    std::deque<entry> waiting_;
    std::atomic<bool> any_{false};
};

}  // namespace dbxapps::emulated
