#include <config/settings.hpp>

#include <text/ascii.hpp>

#include <charconv>
#include <ostream>
#include <utility>

namespace dbxapps::config {
namespace {

constexpr std::size_t shown_bytes = 200;

}  // namespace

std::string to_string(const origin& from) {
    switch (from.what) {
        case origin::kind::argument: break;
        case origin::kind::environment: return from.name + " environment variable";
        case origin::kind::file: return from.name + " config file, profile " + from.profile;
        case origin::kind::host_query: return "query of the host";
        case origin::kind::metadata: return "host metadata";
    }
    return "argument";
}

bool settings::set(attribute a, std::string_view value, origin from) {
    auto normal = normal_value(row_of(a).type, value);
    if (!normal) return false;
    // `databricks auth login` writes "none" into the profile of a whole account.
    if (a == attribute::workspace_id && *normal == "none") normal->clear();
    of(a).value = std::move(*normal);
    of(a).from = std::move(from);
    return true;
}

std::int64_t settings::number(attribute a) const noexcept {
    std::int64_t out = 0;
    std::from_chars(text(a).data(), text(a).data() + text(a).size(), out);
    return out;
}

std::string settings::shown(attribute a) const {
    std::string_view value = text(a);
    if (value.empty()) return {};
    const attribute_row& row = row_of(a);
    if (row.shown == display::secret) return "***";
    if (row.type == value_type::url) {
        if (value.find('@') != value.npos) return "***";  // a password may stand before it
        value = value.substr(0, value.find_first_of("?#"));
    }
    return text::printable(value, shown_bytes);
}

std::string settings::source(attribute a) const {
    return std::string(row_of(a).key) + " comes from: " + to_string(from(a));
}

std::string settings::shown() const {
    std::string values, variables;
    for (const attribute_row& row : attributes()) {
        if (row.shown == display::never || !has(row.id)) continue;
        values += (values.empty() ? ". Config: " : ", ") + std::string(row.key) + "=" + shown(row.id);
        const std::string_view name = variable(row.id);
        if (!name.empty()) variables += (variables.empty() ? ". Env: " : ", ") + std::string(name);
    }
    return values + variables;
}

std::ostream& operator<<(std::ostream& out, const settings& s) { return out << "settings" << s.shown(); }

}  // namespace dbxapps::config
