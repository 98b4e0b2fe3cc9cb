// What the tests of the whole emulator share: one to talk to, and the first steps of talking to it.
#pragma once

#include <dbxapps/emulator.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "tls_client.hpp"

namespace dbxapps::emulated {

inline constexpr const char* good_form = "Content-Type: application/x-www-form-urlencoded\r\n";

inline emulator_fault fault_of(emulator_fault::kind what, std::string body = {}) {
    emulator_fault fault;
    fault.what = what;
    fault.body = std::move(body);
    return fault;
}

class talking_to {
public:
    explicit talking_to(emulator_options options = {}) : emu(options) {}

    dial_options to_app(const std::string& name = "orders") const {
        dial_options how;
        how.host = host_of(emu.app_url(name));
        how.ca_pem = emu.ca_pem();
        return how;
    }
    dial_options to_workspace() const {
        dial_options how;
        how.host = host_of(emu.workspace_url());
        how.ca_pem = emu.ca_pem();
        return how;
    }
    std::uint16_t app_port() const { return port_of(emu.app_url("orders")); }
    std::uint16_t workspace_port() const { return port_of(emu.workspace_url()); }

    reply ask_token() const {
        tls_client client(workspace_port(), to_workspace());
        return client.ask(
            "POST", "/oidc/v1/token", good_form,
            "grant_type=client_credentials&client_id=" + emu.client_id() + "&client_secret=" + emu.client_secret());
    }
    std::string new_token() const {
        const std::string body = ask_token().body;
        const auto from = body.find(R"("access_token":")") + 16;
        return body.substr(from, body.find('"', from) - from);
    }
    static std::string bearer(const std::string& token) { return "Authorization: Bearer " + token + "\r\n"; }

    emulator emu;
};

// Until it holds, for five seconds at most.
template <class Condition>
bool soon(Condition holds) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (!holds()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
    }
    return true;
}

}  // namespace dbxapps::emulated
