// The command line and the line of JSON that all peers share.
//
// A peer is one way to make HTTPS calls; each is its own program, so that one does not pay for the other's libraries.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

enum class command {
    load,     // so many calls in flight for so many seconds
    calls,    // an exact number of calls
    fanout,   // one call to each of many hosts, twice
    idle,     // many connections that do little
    storm,    // calls across token refreshes (ours only)
    threads,  // calls by several threads (ours only)
    outage    // calls to many hosts, of which two are out of order (ours only)
};

struct options {
    command what = command::load;
    std::uint16_t port = 0;
    std::string ca;     // file of the only CA that is trusted
    std::string token;  // what the token file holds, trimmed
    std::string path = "/small";
    std::string host = "app.bench.test";
    std::string address = "127.0.0.1";  // of every host
    std::size_t in_flight = 64;
    double seconds = 5;
    std::uint64_t calls = 0;
    std::uint64_t warm = 0;  // calls before the clock starts
    std::size_t hosts = 32;
    std::size_t connections = 1024;
    std::size_t threads = 1;
    bool shared = true;           // one client for all threads
    bool remember_chains = true;  // of certificates, for a while (ours only)
    bool trickle = true;          // a few calls while connections lie idle

    // A slot is a place for one connection, to one host.
    std::size_t slots() const noexcept;
    std::string host_of(std::size_t slot) const;
    // A fan-out of one call after the other: each pass pays for closing its own connections, one by one.
    bool closes_each() const noexcept { return what == command::fanout && in_flight < hosts; }
};

struct bad_option : std::invalid_argument {
    using std::invalid_argument::invalid_argument;
};

// Throws bad_option, also for a token file that cannot be read.
options parse(const std::vector<std::string_view>& arguments);
extern const std::string_view help_text;

// An HTTP/1.1 GET with the four headers that every peer sends.
std::string request_text(const options&, const std::string& host);
constexpr std::string_view user_agent = "bench/1";
constexpr std::string_view accepted_type = "application/json";

class json_line {
public:
    json_line& add(std::string_view name, std::uint64_t);
    json_line& add(std::string_view name, double);
    json_line& add(std::string_view name, const json_line&);
    std::string text() const { return "{" + members_ + "}"; }

private:
    json_line& member(std::string_view name, std::string_view value);
    std::string members_;
};

}  // namespace bench
