#include <conformance/auth_cases.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/value_to.hpp>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <ostream>
#include <stdexcept>

namespace dbxapps::conformance {
namespace {

namespace json = boost::json;

json::object object_of(const json::object& from, std::string_view key) {
    const auto* value = from.if_contains(key);
    return value && value->is_object() ? value->as_object() : json::object();
}

auth_case case_of(const json::object& from) {
    auth_case out;
    out.name = json::value_to<std::string>(from.at("name"));
    out.kind = json::value_to<std::string>(from.at("kind"));
    out.env = json::value_to<std::map<std::string, std::string>>(json::value(object_of(from, "env")));
    if (const auto& text = from.at("home_cfg"); !text.is_null()) out.home_cfg = json::value_to<std::string>(text);
    out.config = object_of(from, "config");
    if (const auto* needs = from.if_contains("requires"); needs && needs->is_array()) {
        out.needs = json::value_to<std::vector<std::string>>(*needs);
    }
    out.expect = from.at("expect").as_object();
    out.whole = from;
    return out;
}

}  // namespace

bool auth_case::needs_any(std::string_view prefix) const {
    return std::any_of(needs.begin(), needs.end(), [&](const auto& n) { return n.starts_with(prefix); });
}

std::string auth_case::test_name() const {
    std::string out;
    for (const char c : name) {
        if (std::isalnum(static_cast<unsigned char>(c)))
            out += c;
        else if (!out.empty() && out.back() != '_')
            out += '_';
    }
    return out;
}

void PrintTo(const auth_case& c, std::ostream* out) { *out << '"' << c.name << '"'; }

std::vector<auth_case> read_auth_cases() {
    std::ifstream in(DBXAPPS_AUTH_CASES);
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    const json::object all = json::parse(text).as_object();
    std::vector<auth_case> out;
    for (const auto& c : all.at("cases").as_array())
        out.push_back(case_of(c.as_object()));
    if (out.size() != all.at("count").to_number<std::size_t>())
        throw std::runtime_error("auth-cases.json: a wrong count");
    return out;
}

decided_by who_decides(const auth_case& c) {
    if (c.kind == "host" || c.kind == "file") return decided_by::configuration;
    // A program that fails when it is run.
    if (c.kind == "config" && (c.needs_any("fake_cli_stderr:") || c.env.count("FAIL"))) return decided_by::exchanges;
    if (c.kind == "config") return decided_by::configuration;
    const auto* auth_type = c.config.if_contains("auth_type");
    const bool fixed = auth_type && (*auth_type == "pat" || *auth_type == "basic");
    return c.kind == "request" && fixed ? decided_by::configuration : decided_by::exchanges;
}

const departure* find_departure(std::string_view case_name) {
    const auto* at = std::find_if(std::begin(departures), std::end(departures),
                                  [&](const departure& d) { return d.name == case_name; });
    return at == std::end(departures) ? nullptr : at;
}

}  // namespace dbxapps::conformance
