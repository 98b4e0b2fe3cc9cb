// What a peer has to be able to do; the rest of each program is the same.
#pragma once

#include "options.hpp"
#include "work.hpp"

#include <memory>
#include <optional>
#include <thread>

namespace bench {

class peer {
public:
    peer() = default;
    virtual ~peer() = default;
    peer(const peer&) = delete;
    peer& operator=(const peer&) = delete;

    // Makes calls, `in_flight` at any time, until there is no work left and every answer is complete. Each slot keeps
    // its connection for its next call.
    virtual void run(work&, std::size_t in_flight) = 0;
    // Closes all connections and keeps the TLS sessions.
    virtual void drop() = 0;
    // How many connections since the start resumed a TLS session; nothing when the library does not tell.
    virtual std::optional<std::uint64_t> resumed() const { return std::nullopt; }
    // What a program adds to the line about its calls.
    virtual void report(json_line&, const work&) const {}
    // A command that only one program has. Returns the number of failures.
    virtual std::uint64_t run_special(const options&, json_line&) { throw bad_option("not a command of this program"); }
    // Time without a call.
    virtual void rest(clock::duration time) { std::this_thread::sleep_for(time); }
};

using make_peer = std::unique_ptr<peer> (*)(const options&);

// The whole of main(): returns the exit status.
int run_peer(int argc, char** argv, make_peer) noexcept;

}  // namespace bench
