// What all connections of one emulator share. Everything here may be used from any thread.
#pragma once

#include <emulator/app_book.hpp>
#include <emulator/apps_api.hpp>
#include <emulator/fault_script.hpp>
#include <emulator/front_door.hpp>
#include <emulator/names.hpp>
#include <emulator/token_book.hpp>
#include <emulator/workspace.hpp>

#include <boost/asio/ssl/context.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

namespace dbxapps::emulated {

struct certificates;

using counter = std::atomic<std::uint64_t>;

struct counters {
    counter token_requests{0}, tokens_issued{0}, metadata_requests{0}, accepts{0}, workspace_accepts{0},
        apps_api_requests{0}, full_handshakes{0}, resumed_handshakes{0}, app_requests{0}, calls{0}, refused{0};

    emulator_counts snapshot() const;
};

// Ids that look like UUIDs; only the last part counts.
class request_ids {
public:
    request_ids();
    void next(std::string& out);  // replaces its content

private:
    const std::string prefix_;
    counter last_{0};
};

struct world {
    world(const emulator_options&, std::uint16_t workspace_port);

    fault_script& faults(emulator_place place) { return scripts[static_cast<std::size_t>(place)]; }

    const site where;
    const std::string ca_pem;
    token_book tokens;
    const front_door door;
    const workspace pages;
    app_book apps;
    const apps_api api;
    std::array<fault_script, 4> scripts;
    std::atomic<std::int64_t> token_delay_ms;
    counters counts;
    request_ids ids;
    boost::asio::ssl::context tls;

private:
    world(const emulator_options&, std::uint16_t workspace_port, const certificates&);
};

}  // namespace dbxapps::emulated
