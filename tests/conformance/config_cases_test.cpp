// The cases that settings alone decide: no server, no program is run.
#include <conformance/auth_cases.hpp>

#include <config/derived.hpp>
#include <config/ways_in.hpp>

#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>

#include <algorithm>
#include <iostream>

namespace dbxapps::conformance {
namespace {

namespace json = boost::json;
using namespace config;

std::string text_of(const json::value& v) {
    if (v.is_string()) return json::value_to<std::string>(v);
    if (!v.is_array()) return json::serialize(v);
    std::string out;
    for (const auto& item : v.as_array())
        out += (out.empty() ? "" : ",") + text_of(item);
    return out;
}

settings own_settings(const auth_case& c) {
    settings out;
    for (const auto& [key, value] : c.config) {
        const attribute_row* row = find_attribute(key);
        if (!row) ADD_FAILURE() << "no setting is called " << key;
        if (row && !out.set(row->id, text_of(value))) ADD_FAILURE() << key << " is malformed";
    }
    return out;
}

surroundings around(const auth_case& c) {
    surroundings out;
    out.home = "/users/me";
    out.variable = [env = c.env](const std::string& name) {
        const auto at = env.find(name);
        return at == env.end() ? std::string() : at->second;
    };
    out.file = [text = c.home_cfg](const std::string& path) -> result<std::optional<std::string>> {
        return path == "/users/me/.databrickscfg" ? text : std::nullopt;
    };
    out.no_program = [az = c.needs_any("fake_az"), cli = c.needs_any("fake_cli")](const std::string& name) {
        const bool there = (name == "az" && az) || (name == "databricks" && cli);
        return there ? std::nullopt : std::optional(config_error::cli_not_found);
    };
    return out;
}

void expect_no_secret(const auth_case& c, const std::string& words) {
    const settings own = own_settings(c);
    for (const attribute_row& row : attributes()) {
        const auto variable = c.env.find(std::string(row.variable));
        const std::string secret = own.has(row.id) ? own.text(row.id) : variable == c.env.end() ? "" : variable->second;
        const bool counts = row.shown == display::secret && secret.size() > 4;
        if (counts && words.find(secret) != std::string::npos) ADD_FAILURE() << row.key << " is told";
    }
    for (const auto* of_file : {"PT0+IC9kZXYvdXJhbmRvbSA8PT0KYFZ", "dapi", "10000002", "%Y#X$Z"})
        EXPECT_EQ(words.find(of_file), std::string::npos);
}

void expect_failure(const auth_case& c, const failure& why) {
    const auto* kind = c.expect.if_contains("error_kind");
    ASSERT_NE(kind, nullptr) << "unexpected: " << why.detail;
    EXPECT_EQ(why.cause.message(), text_of(*kind)) << why.detail;
    EXPECT_EQ(why.cause.category().name(), std::string("dbxapps.config"));
    for (const auto& part : c.expect.at("error_contains").as_array())
        EXPECT_NE(why.detail.find(text_of(part)), std::string::npos) << text_of(part) << "\nin: " << why.detail;
    expect_no_secret(c, why.detail);
}

bool expects_any(const auth_case& c, std::initializer_list<const char*> fields) {
    return std::any_of(fields.begin(), fields.end(), [&](const char* f) { return c.expect.contains(f); });
}

std::string joined(const std::vector<std::string>& items) {
    std::string out;
    for (const auto& item : items)
        out += (out.empty() ? "" : ",") + item;
    return out;
}

std::string field(const std::string& name, const settings& s, const way_in* way) {
    if (name == "scopes") return joined(scopes_of(s));
    if (name == "u2m_scopes") return joined(login_scopes_of(s));
    if (name == "cloud") return std::string(to_string(cloud_of(s)));
    if (name == "is_azure") return cloud_of(s) == cloud::azure ? "true" : "false";
    if (name == "host_type") return std::string(to_string(host_type_of(s)));
    if (name == "auth_type") return way ? std::string(way->auth_type) : "none";
    if (const auto* row = find_attribute(name)) return s.text(row->id);
    return "no such field";
}

class configuration : public testing::TestWithParam<auth_case> {};

TEST_P(configuration, is_decided_as_the_sdks_do) {
    const auth_case& c = GetParam();
    if (const auto* d = find_departure(c.name)) GTEST_SKIP() << d->reason;
    const surroundings s = around(c);
    const auto r = resolve(own_settings(c), s);
    if (!r) return expect_failure(c, r.error());
    const way_in* way = nullptr;
    if (expects_any(c, {"auth_type", "headers", "error_kind"})) {
        const auto chosen = choose_way_in(*r, s);
        if (!chosen) return expect_failure(c, chosen.error());
        way = *chosen;
    }
    EXPECT_FALSE(c.expect.contains("error_kind")) << "none came";
    for (const auto& [name, value] : c.expect) {
        if (name == "headers") {
            EXPECT_EQ(fixed_authorization(way->auth_type, r->values), text_of(value.at("Authorization")));
        } else if (name != "error_kind" && name != "error_contains") {
            EXPECT_EQ(field(name, r->values, way), text_of(value)) << name;
        }
    }
}

std::vector<auth_case> decided_here() {
    auto all = read_auth_cases();
    std::erase_if(all, [](const auth_case& c) { return who_decides(c) != decided_by::configuration; });
    return all;
}

INSTANTIATE_TEST_SUITE_P(cases, configuration, testing::ValuesIn(decided_here()),
                         [](const auto& row) { return row.param.test_name(); });

TEST(auth_cases, are_all_accounted_for) {
    const auto all = read_auth_cases();
    const auto here = decided_here();
    const auto departed =
        std::count_if(here.begin(), here.end(), [](const auth_case& c) { return find_departure(c.name) != nullptr; });
    const auto run = static_cast<std::ptrdiff_t>(here.size()) - departed;
    std::cout << all.size() << " cases: " << run << " run, " << all.size() - here.size()
              << " left for servers and programs, " << departed << " departed from\n";
    EXPECT_EQ(departed, std::ssize(departures)) << "a departure names no case that runs here";
    EXPECT_EQ(run, 91);
}

}  // namespace
}  // namespace dbxapps::conformance
