#include <config/resolve.hpp>

#include <config/host.hpp>
#include <config/profile_file.hpp>
#include <config/read_file.hpp>
#include <text/ascii.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace dbxapps::config {
namespace {

failure malformed(std::string where, value_type type, std::string_view value) {
    return failed(config_error::bad_value,
                  std::move(where) + ": '" + text::printable(value, 40) + "' is not " + std::string(wanted(type)));
}

result<void> fill_from_environment(settings& values, const surroundings& around) {
    for (const attribute_row& row : attributes()) {
        for (const std::string_view name : {row.variable, row.other_variable}) {
            const std::string value = name.empty() ? "" : around.variable(std::string(name));
            if (value.empty()) continue;
            if (values.variable(row.id).empty()) values.set_variable(row.id, name);
            if (values.has(row.id)) continue;
            if (!values.set(row.id, value, {origin::kind::environment, std::string(name), {}})) {
                return malformed(std::string(name), row.type, value);
            }
        }
    }
    return {};
}

result<void> fill_from_section(settings& values, const profile_section& section, const std::string& path) {
    for (const attribute_row& row : attributes()) {
        if (row.id == attribute::profile || row.id == attribute::config_file) continue;  // what led here
        for (const std::string_view key : {row.key, row.other_key}) {
            const std::string_view value = key.empty() ? key : section.value(key);
            if (value.empty() || values.has(row.id)) continue;
            if (!values.set(row.id, value, {origin::kind::file, path, section.name})) {
                return malformed(path + " " + section.name + " profile: " + std::string(key), row.type, value);
            }
        }
    }
    if (!values.has(attribute::profile)) {
        values.set(attribute::profile, section.name, {origin::kind::file, path, section.name});
    }
    return {};
}

// Whoever says how to log in, or where, does not mean a file that nobody mentioned.
bool hides_file(const settings& values) {
    return !values.has(attribute::profile) &&
           std::any_of(attributes().begin(), attributes().end(), [&](const attribute_row& row) {
               return values.has(row.id) && (!row.group.empty() || row.id == attribute::host);
           });
}

result<std::string> path_of(const settings& values, const surroundings& around) {
    if (values.has(attribute::config_file)) return expand_home(values.text(attribute::config_file), around.home);
    return around.home.empty() ? std::string() : around.home + "/.databrickscfg";
}

failure unparsable(const std::string& why) { return failed(config_error::parse, "cannot parse config file: " + why); }

// `theirs`: what the profile says, whoever wins.
result<void> fill_from_file(resolved& out, settings& theirs, const surroundings& around) {
    const auto path = path_of(out.values, around);
    if (!path) return path.error();
    const auto text = path->empty() ? result<std::optional<std::string>>(std::nullopt) : around.file(*path);
    if (!text) return unparsable(text.error().detail);
    if (!*text) {
        const bool wanted = out.values.has(attribute::profile) || out.values.has(attribute::config_file);
        if (wanted) out.absent_file = path->empty() ? "~/.databrickscfg" : *path;
        return {};
    }
    const auto file = parse_profile_file(**text);
    if (!file) return unparsable(*path + ": " + file.error().detail);
    const auto section = choose_profile(*file, out.values.text(attribute::profile), *path);
    if (!section) return section.error();
    if (!*section) return {};
    theirs.set(attribute::host, (*section)->value("host"), {origin::kind::file, *path, (*section)->name});
    return fill_from_section(out.values, **section, *path);
}

result<void> check_one_method(const settings& values) {
    if (values.has(attribute::auth_type)) return {};
    std::set<std::string_view> groups;
    for (const attribute_row& row : attributes()) {
        if (!row.group.empty() && values.has(row.id)) groups.insert(row.group);
    }
    if (groups.size() < 2) return {};
    std::string names;
    for (const std::string_view group : groups)
        names += (names.empty() ? "" : " and ") + std::string(group);
    return failed(config_error::conflict, "more than one authorization method configured: " + names);
}

result<void> normalise_host(settings& values) {
    if (!values.has(attribute::host)) return {};
    const auto host = read_host(values.text(attribute::host));
    if (!host) {
        failure why = host.error();
        why.detail += ". " + values.source(attribute::host);
        return why;
    }
    values.set(attribute::host, host->host, values.from(attribute::host));
    const origin query{origin::kind::host_query, {}, {}};
    if (!values.has(attribute::workspace_id)) values.set(attribute::workspace_id, host->workspace_id, query);
    if (!values.has(attribute::account_id)) values.set(attribute::account_id, host->account_id, query);
    return {};
}

// Would the login be the profile's: something that it holds, or what the databricks CLI keeps under its name?
bool uses_profile_login(const settings& values) {
    bool any = values.has(attribute::auth_type);
    for (const attribute_row& row : attributes()) {
        if (row.group.empty() || !values.has(row.id)) continue;
        if (values.from(row.id).what == origin::kind::file) return true;
        any = true;
    }
    return !any || values.text(attribute::auth_type) == "databricks-cli";
}

// The SDKs send a profile's token to whatever host the environment names.
result<void> check_profile_host(const settings& values, const settings& theirs) {
    const auto& from = values.from(attribute::host);
    const auto profile_host = normal_host(theirs.text(attribute::host));
    const bool another = theirs.has(attribute::host) && from.what != origin::kind::file &&
                         (!profile_host || *profile_host != text::lowered(values.text(attribute::host)));
    if (!another || !uses_profile_login(values)) return {};
    const auto& where = theirs.from(attribute::host);
    return failed(config_error::conflict, "the profile " + where.profile + " of " + where.name + " is for " +
                                              theirs.shown(attribute::host) + ", but the host is " +
                                              values.shown(attribute::host) + " (" + to_string(from) +
                                              "): its login is not sent there; leave that host out, or name a "
                                              "profile for it");
}

}  // namespace

failure explained(std::string_view stage, const failure& why, const settings& values) {
    failure out = why;
    out.detail = std::string(stage) + ": " + why.detail + values.shown();
    return out;
}

result<resolved> resolve(settings own, const surroundings& around, settings* reached) {
    resolved out{std::move(own), {}};
    settings theirs;
    const auto step = [&](std::string_view stage, const result<void>& done) -> std::optional<failure> {
        if (done) return std::nullopt;
        if (reached) *reached = out.values;
        return explained(stage, done.error(), out.values);
    };
    if (auto why = step("resolve", fill_from_environment(out.values, around))) return *why;
    if (!hides_file(out.values)) {
        if (auto why = step("resolve", fill_from_file(out, theirs, around))) return *why;
    }
    // The Go SDK checks before it normalises, so this error shows the host as it was given.
    if (auto why = step("validate", check_one_method(out.values))) return *why;
    if (auto why = step("resolve", normalise_host(out.values))) return *why;
    if (auto why = step("validate", check_profile_host(out.values, theirs))) return *why;
    return out;
}

}  // namespace dbxapps::config
