// dbxapps auth profiles: what the file has. Asks nobody.
#include <cli/commands.hpp>
#include <cli/json_text.hpp>

#include <config/profile_file.hpp>
#include <config/read_file.hpp>
#include <login/surroundings.hpp>
#include <text/ascii.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <iostream>

namespace dbxapps::cli {
namespace {

namespace json = boost::json;

std::string path_of(const options& o, const config::surroundings& around) {
    std::string path = o.config_file.empty() ? around.variable("DATABRICKS_CONFIG_FILE") : o.config_file;
    if (path.empty()) path = "~/.databrickscfg";
    auto full = config::expand_home(path, around.home);
    if (!full) throw error(full.error());
    return std::move(*full);
}

config::profile_file read(const std::string& path, const config::surroundings& around) {
    const auto text = around.file(path);
    if (!text) throw error(text.error());
    if (!*text) throw error(config::failed(config::config_error::no_credentials, "there is no file " + path));
    auto file = config::parse_profile_file(**text);
    if (!file) throw error(config::failed(config::config_error::parse, path + ": " + file.error().detail));
    return std::move(*file);
}

// A section is of a profile if it has any keys.
bool is_profile(const config::profile_section& s) { return s.name != config::settings_section && !s.keys.empty(); }

}  // namespace

int profiles(const options& o) {
    const auto around = login::process_surroundings();
    const auto file = read(path_of(o, around), around);
    json::array all;
    for (const auto& section : file.sections) {
        if (!is_profile(section)) continue;
        json::object one{{"name", text::printable(section.name, 200)}};
        for (const char* key : {"host", "account_id", "workspace_id", "auth_type"}) {
            const auto value = section.value(key);
            config::settings shown;
            if (!value.empty() && shown.set(config::find_attribute(key)->id, value))
                one[key] = shown.shown(config::find_attribute(key)->id);
        }
        all.push_back(std::move(one));
    }
    if (o.json) {
        std::cout << json_text(json::object{{"profiles", std::move(all)}}) << "\n";
        return 0;
    }
    for (const auto& one : all) {
        std::cout << one.at("name").as_string().c_str();
        if (const auto* host = one.as_object().if_contains("host")) std::cout << "  " << host->as_string().c_str();
        std::cout << "\n";
    }
    return 0;
}

}  // namespace dbxapps::cli
