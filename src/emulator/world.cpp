#include <emulator/random.hpp>
#include <emulator/server_tls.hpp>
#include <emulator/world.hpp>

#include <charconv>

namespace dbxapps::emulated {
namespace {

site new_site(std::uint16_t workspace_port) {
    return {"https://" + std::string(workspace_host) + ':' + std::to_string(workspace_port), random_uuid(),
            "emulator-secret-" + random_hex(32), random_uuid()};
}

}  // namespace

emulator_counts counters::snapshot() const {
    emulator_counts out;
    out.token_requests = token_requests;
    out.tokens_issued = tokens_issued;
    out.metadata_requests = metadata_requests;
    out.apps_api_requests = apps_api_requests;
    out.accepts = accepts;
    out.workspace_accepts = workspace_accepts;
    out.full_handshakes = full_handshakes;
    out.resumed_handshakes = resumed_handshakes;
    out.app_requests = app_requests;
    out.calls = calls;
    out.refused = refused;
    return out;
}

request_ids::request_ids() : prefix_(random_uuid().substr(0, 24)) {}

void request_ids::next(std::string& out) {
    char digits[16];
    const auto end = std::to_chars(digits, digits + sizeof digits, ++last_, 16).ptr;
    const auto size = static_cast<std::size_t>(end - digits);
    out.assign(prefix_).append(size < 12 ? 12 - size : 0, '0').append(digits, size);
}

world::world(const emulator_options& options, std::uint16_t workspace_port)
    : world(options, workspace_port, make_certificates(options.certificate)) {}

world::world(const emulator_options& options, std::uint16_t workspace_port, const certificates& certs)
    : where(new_site(workspace_port)),
      ca_pem(certs.ca_pem),
      tokens(where.client_id, options.token_size, options.token_life),
      door(where, tokens),
      pages(where, tokens, workspace::documents{options.host_metadata, options.oauth_metadata}),
      api(apps, tokens),
      token_delay_ms(options.token_delay.count()),
      tls(server_tls(certs)) {}

}  // namespace dbxapps::emulated
