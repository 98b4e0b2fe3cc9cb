#include <config/find_program.hpp>

#include <text/ascii.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace dbxapps::config {
namespace {

constexpr off_t smallest_cli = 1'048'576;

// Nothing: it can be run, as far as its looks go.
std::optional<config_error> look_at(const std::string& path, bool any_size) {
    struct stat about {};
    if (::stat(path.c_str(), &about) != 0 || !S_ISREG(about.st_mode)) return config_error::cli_not_found;
    if (!any_size && about.st_size < smallest_cli) return config_error::legacy_cli;
    if (::access(path.c_str(), X_OK) != 0) return config_error::cli_not_found;
    return std::nullopt;
}

failure missing(config_error why, const std::string& name) {
    if (name != "az") return no_databricks_cli(why, name == "databricks" ? "" : name);
    return failed(why, "the Azure CLI (az) is not found in PATH; install it, or use another way to log in");
}

}  // namespace

failure no_databricks_cli(config_error why, std::string_view path) {
    if (why == config_error::legacy_cli) return failed(why, "legacy databricks CLI detected; upgrade to >= 0.100.0");
    return failed(why,
                  "databricks CLI not found" + (path.empty() ? std::string() : " at " + text::printable(path, 200)));
}

result<std::string> find_program(const std::string& name, std::string_view path_variable) {
    const bool any_size = name == "az";
    if (name.find('/') != name.npos) {
        if (const auto why = look_at(name, any_size)) return missing(*why, name);
        return name;
    }
    config_error worst = config_error::cli_not_found;
    for (std::string_view rest = path_variable; !rest.empty();) {
        const std::string_view directory = rest.substr(0, rest.find(':'));
        rest.remove_prefix(std::min(rest.size(), directory.size() + 1));
        if (!directory.starts_with('/')) continue;  // where the process happens to be, others may have put something
        std::string path = std::string(directory) + "/" + name;
        const auto why = look_at(path, any_size);
        if (!why) return path;
        if (*why == config_error::legacy_cli) worst = *why;
    }
    return missing(worst, name);
}

std::optional<config_error> no_program(const std::string& name, std::string_view path_variable) {
    const auto found = find_program(name, path_variable);
    if (found) return std::nullopt;
    return found.error().cause == config_error::legacy_cli ? config_error::legacy_cli : config_error::cli_not_found;
}

}  // namespace dbxapps::config
