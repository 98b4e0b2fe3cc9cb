// A certified OpenID provider (npm's oidc-provider) as the OAuth server of a workspace, and a person who logs in there.
#pragma once

#include <integration/servers.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace dbxapps::integration {

// What a person does; see oidc/user_agent.js.
enum class person { logs_in, says_no, brings_another_state_first, copies_the_address };

class oidc_server {
public:
    // Returns when it accepts connections. Throws std::runtime_error, with what to do when node or the provider is
    // missing.
    explicit oidc_server(std::string host = "emulated.cloud.databricks.com");  // or "localhost"

    std::string url() const;                                                   // of the workspace
    static std::string client_id() { return "service-principal"; }             // for all-apis, clusters and sql
    static std::string client_secret() { return "emulator-secret-: +&=%/1"; }  // which has to be encoded
    network_options network() const;
    std::filesystem::path ca_file() const { return home_.path() / "ca.pem"; }
    // A browser, in which this person opens that address.
    program user_agent(person, std::string url, const folder& in) const;

private:
    folder home_;
    const std::string host_;
    std::uint16_t port_;
    std::string ca_pem_;
    std::optional<child> running_;
};

}  // namespace dbxapps::integration
