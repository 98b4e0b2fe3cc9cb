#include <integration/oidc_server.hpp>

#include <emulator/certificates.hpp>

#include <stdexcept>
#include <utility>

namespace dbxapps::integration {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

const fs::path programs = fs::path(DBXAPPS_INTEGRATION) / "oidc", installed = DBXAPPS_OIDC;

const char* task(person who) {
    switch (who) {
        case person::says_no: return "say-no";
        case person::brings_another_state_first: return "mistake";
        case person::copies_the_address: return "copy";
        default: return "log-in";
    }
}

}  // namespace

oidc_server::oidc_server(std::string host) : host_(std::move(host)), port_(free_port()) {
    if (!fs::exists(installed / "node_modules" / "oidc-provider")) {
        throw std::runtime_error("npm's oidc-provider is not in " + installed.string() +
                                 "; ./dev test installs it there");
    }
    auto made = emulated::make_certificates(emulator_certificate::good);
    ca_pem_ = std::move(made.ca_pem);
    write_file(ca_file(), ca_pem_);
    write_file(home_.path() / "leaf.pem", made.leaf_pem);
    write_file(home_.path() / "leaf.key", made.leaf_key_pem);
    write_file(home_.path() / "secret", client_secret());
    program p;
    p.name = "node";
    p.packages = "nodejs";
    p.arguments = {(programs / "provider.js").string(),
                   installed.string(),
                   host_,
                   std::to_string(port_),
                   "leaf.pem",
                   "leaf.key",
                   "secret"};
    p.folder = home_.path();
    p.log = home_.path() / "provider.log";
    running_.emplace(std::move(p));
    running_->wait_until([&] { return accepts(port_); }, 60s);
}

std::string oidc_server::url() const { return "https://" + host_ + ":" + std::to_string(port_); }

network_options oidc_server::network() const {
    network_options out;
    out.resolve = {{host_, port_, "127.0.0.1"}};
    out.tls.system_roots = false;
    out.tls.extra_ca_pem = ca_pem_;
    return out;
}

program oidc_server::user_agent(person who, std::string where, const folder& in) const {
    program p;
    p.name = "node";
    p.packages = "nodejs";
    p.arguments = {(programs / "user_agent.js").string(),
                   host_,
                   std::to_string(port_),
                   ca_file().string(),
                   task(who),
                   std::move(where)};
    p.folder = in.path();
    p.log = in.path() / "user_agent.log";
    return p;
}

}  // namespace dbxapps::integration
