#include <login/login_options_of.hpp>

#include <config/profile_file.hpp>
#include <login/token_store.hpp>
#include <login/user_login_options.hpp>

#include <unistd.h>

#include <cstdint>

namespace dbxapps::login {

using config::attribute;

std::string own_discovery_url(const config::settings& s) {
    const bool own = s.from(attribute::discovery_url).what != config::origin::kind::metadata;
    return own ? s.text(attribute::discovery_url) : std::string();
}

user_login_options login_options_of(const config::settings& s) {
    user_login_options out;
    out.host = s.text(attribute::host);
    if (s.has(attribute::client_id)) out.client_id = s.text(attribute::client_id);
    out.scopes = s.list(attribute::scopes);
    out.refresh_token = !s.flag(attribute::disable_oauth_refresh_token);
    // The profile that nobody asks for by its name is none.
    if (s.text(attribute::profile) != config::default_section) out.profile = s.text(attribute::profile);
    out.account_id = s.text(attribute::account_id);
    out.discovery_url = own_discovery_url(s);
    const auto port = s.number(attribute::oauth_callback_port);
    if (port > 0 && port < 65536) out.ports = {static_cast<std::uint16_t>(port)};
    return out;
}

bool has_login(const config::settings& s) {
    try {
        const user_login_options o = completed(login_options_of(s));
        return ::access(token_store(o.store, key_of(o)).file().c_str(), F_OK) == 0;
    } catch (const error&) {
        return false;  // there is no place for it
    }
}

}  // namespace dbxapps::login
