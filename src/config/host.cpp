#include <config/host.hpp>

#include <apps/host_guard.hpp>
#include <config/config_error.hpp>
#include <text/ascii.hpp>
#include <text/url.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

namespace dbxapps::config {
namespace {

// Of the first field of the name, not decoded: ids need no encoding. Empty: none.
std::string query_field(std::string_view query, std::string_view name) {
    for (std::size_t from = 0; from < query.size();) {
        const std::size_t end = std::min(query.find('&', from), query.size());
        const std::string_view field = query.substr(from, end - from);
        if (field.starts_with(name) && field.substr(name.size()).starts_with('=')) {
            return std::string(field.substr(name.size() + 1));
        }
        from = end + 1;
    }
    return {};
}

bool is_id(std::string_view text) noexcept {
    std::int64_t number = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
    return ec == std::errc() && end == text.data() + text.size();
}

std::string workspace_id_in(std::string_view query) {
    if (auto any = query_field(query, "w"); !any.empty()) return any;
    for (const auto name : {"o", "workspace_id"}) {
        if (auto id = query_field(query, name); is_id(id)) return id;
    }
    return {};
}

std::string account_id_in(std::string_view query) {
    auto id = query_field(query, "a");
    return id.empty() ? query_field(query, "account_id") : id;
}

// As the parser has it, but with the letters of the text: the CLI and id tokens compare hosts letter by letter.
std::string authority_as_given(const text::url& parsed, std::string_view given) {
    std::string out = parsed.authority();
    for (std::size_t i = 0; i < std::min(out.size(), given.size()) && text::lower(given[i]) == out[i]; ++i)
        out[i] = given[i];
    return out;
}

}  // namespace

result<written_host> read_host(std::string_view given) {
    given = text::trimmed(given);
    const auto mark = given.find("://");
    const bool with_scheme = mark != given.npos && given.find_first_of("/?#") == mark + 1;
    const std::string_view authority = with_scheme ? given.substr(mark + 3) : given;
    if (authority.empty() || authority.find_first_of(":/?#") == 0) {
        return failed(config_error::no_host, "no host configured; set the workspace's URL (DATABRICKS_HOST)");
    }
    const auto parsed = text::parse_url(with_scheme ? std::string(given) : "https://" + std::string(given));
    if (!parsed) {
        return failed(config_error::bad_value, "the workspace host cannot be used: " + parsed.error().detail);
    }
    if (!parsed->secure && !text::is_loopback(parsed->host)) {
        return failed(config_error::bad_value, "the workspace host " + parsed->host +
                                                   " has to be https: credentials are never sent in the clear");
    }
    if (apps::is_app_host(*parsed)) {
        return failed(config_error::bad_value, "the workspace host " + parsed->host +
                                                   " is an app's; credentials are for its workspace: "
                                                   "https://<workspace>.cloud.databricks.com or the like");
    }
    const std::string_view target = parsed->target;
    const std::string_view query = target.substr(std::min(target.find('?'), target.size() - 1) + 1);
    return written_host{(parsed->secure ? "https://" : "http://") + authority_as_given(*parsed, authority),
                        workspace_id_in(query), account_id_in(query)};
}

result<std::string> normal_host(std::string_view given) {
    auto read = read_host(given);
    if (!read) return read.error();
    return text::lowered(read->host);
}

bool is_account_host(std::string_view host) noexcept {
    return host.starts_with("https://accounts.") || host.starts_with("https://accounts-dod.");
}

std::string_view to_string(cloud c) noexcept {
    if (c == cloud::azure) return "Azure";
    return c == cloud::gcp ? "GCP" : "AWS";
}

std::optional<cloud> cloud_named_by(std::string_view normal_host) {
    static constexpr std::pair<std::string_view, cloud> ends[] = {
        {".azuredatabricks.net", cloud::azure}, {".databricks.azure.us", cloud::azure},
        {".databricks.azure.cn", cloud::azure}, {".gcp.databricks.com", cloud::gcp},
        {".cloud.databricks.com", cloud::aws},  {".cloud.databricks.us", cloud::aws},
        {".cloud.databricks.mil", cloud::aws},  {".dev.databricks.com", cloud::aws},
    };
    const auto parsed = text::parse_url(normal_host);
    if (!parsed) return std::nullopt;
    const auto row = std::find_if(std::begin(ends), std::end(ends),
                                  [&](const auto& end) { return parsed->host.ends_with(end.first); });
    return row == std::end(ends) ? std::nullopt : std::optional(row->second);
}

cloud cloud_of_host(std::string_view normal_host) { return cloud_named_by(normal_host).value_or(cloud::aws); }

}  // namespace dbxapps::config
