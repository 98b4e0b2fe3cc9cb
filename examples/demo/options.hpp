// What the demo was asked to do.
#pragma once

#include <dbxapps/client_options.hpp>

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace demo {

struct options {
    std::uint64_t calls = 200'000;
    unsigned in_flight = 256;
    unsigned apps = 16;                                                // of the emulator
    unsigned threads = 1;                                              // that run the client's io_context
    unsigned connections = dbxapps::client_options{}.max_connections;  // to each app of the emulator, at most
    // Of the emulator's tokens. A refresh is due at half of it, so a run of three seconds crosses two.
    std::chrono::milliseconds token_life = std::chrono::seconds(2);
    bool json = false;
    bool help = false;
    std::vector<std::string> urls;  // what to GET, in turn; empty: the apps of an emulator

    bool real() const noexcept { return !urls.empty(); }
    bool default_sizes() const noexcept;  // those of the emulator
};

class bad_option : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// `arguments` without the program's name. Throws bad_option with words for a person.
options parse(const std::vector<std::string_view>& arguments);

extern const std::string_view help_text;

}  // namespace demo
