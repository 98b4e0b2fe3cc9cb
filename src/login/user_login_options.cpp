#include <login/user_login_options.hpp>

#include <config/environment.hpp>
#include <config/host.hpp>
#include <oauth/pkce.hpp>
#include <text/shell.hpp>

#include <utility>

namespace dbxapps::login {
namespace {

using namespace std::chrono_literals;

[[noreturn]] void refuse(const std::string& what) { throw error(failure(errc::bad_config, "a user login " + what)); }

std::string default_store() {
    const auto config = config::process_environment("XDG_CONFIG_HOME");
    if (config && config->starts_with('/')) return *config + "/dbxapps/tokens";  // others have no meaning there
    const auto home = config::process_environment("HOME");
    if (!home || !home->starts_with('/')) refuse("needs a directory for its tokens: set HOME, or name a store");
    return *home + "/.config/dbxapps/tokens";
}

std::string default_command(const user_login_options& o) {
    std::string out;
    if (!o.discovery_url.empty()) out += "DATABRICKS_DISCOVERY_URL=" + text::shell_quoted(o.discovery_url) + " ";
    if (config::is_account_host(o.host) && !o.account_id.empty())
        out += "DATABRICKS_ACCOUNT_ID=" + text::shell_quoted(o.account_id) + " ";
    out += "dbxapps auth login --host " + o.host;
    std::string scopes;
    for (const auto& scope : o.scopes)
        scopes += (scopes.empty() ? "" : ",") + scope;
    if (!scopes.empty()) out += " --scopes " + text::shell_quoted(scopes);
    if (!o.profile.empty()) out += " --profile " + text::shell_quoted(o.profile);
    return out;
}

}  // namespace

user_login_options completed(user_login_options options) {
    auto host = config::normal_host(options.host);
    if (!host) throw error(host.error());
    options.host = std::move(*host);
    if (options.client_id.empty()) refuse("needs a client id");
    if (options.login_within < 1s || options.login_within > 1h) refuse("gives a person between 1 s and 1 h");
    if (options.ports.empty()) {
        for (std::uint16_t port = 8020; port <= 8040; ++port)
            options.ports.push_back(port);
    }
    if (options.store.empty()) options.store = default_store();
    if (options.login_command.empty()) options.login_command = default_command(options);
    return options;
}

oauth::login_key key_of(const user_login_options& o) {
    oauth::login_key out{o.host, o.client_id, oauth::login_scopes(o.scopes, o.refresh_token), o.profile};
    if (config::is_account_host(o.host)) out.issuer = o.account_id;
    if (!o.discovery_url.empty()) out.issuer = o.discovery_url;
    return out;
}

}  // namespace dbxapps::login
