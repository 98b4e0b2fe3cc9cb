#include <login/surroundings.hpp>

#include <config/environment.hpp>
#include <config/find_program.hpp>
#include <config/profile_file.hpp>
#include <config/read_file.hpp>
#include <login/login_options_of.hpp>
#include <text/ascii.hpp>

#include <utility>

namespace dbxapps::login {
namespace {

std::string variable(const std::string& name) { return config::process_environment(name).value_or(""); }

failure wrong(std::string_view words) { return config::failed(config::config_error::bad_value, std::string(words)); }

}  // namespace

config::surroundings process_surroundings() {
    config::surroundings out;
    out.variable = variable;
    out.file = [](const std::string& path) { return config::read_text_file(path, config::largest_profile_file); };
    out.home = variable("HOME");
    out.no_program = [](const std::string& name) { return config::no_program(name, variable("PATH")); };
    out.has_login = has_login;
    return out;
}

result<config::resolved> resolve(const profile& own, const config::surroundings& around, config::settings* reached) {
    config::settings values;
    for (const auto& [key, value] : own.settings()) {
        const config::attribute_row* row = config::find_attribute(key);
        if (!row) return wrong("there is no setting '" + text::printable(key, 60) + "'");
        if (!values.set(row->id, value)) return wrong(key + " has to be " + std::string(config::wanted(row->type)));
    }
    return config::resolve(std::move(values), around, reached);
}

void add_roots_of_environment(tls_options& tls) {
    if (tls.extra_ca_file.empty()) tls.extra_ca_file = variable("DBXAPPS_CA_FILE");
}

}  // namespace dbxapps::login
