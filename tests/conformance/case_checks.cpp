#include <conformance/case_checks.hpp>

#include <config/config_error.hpp>
#include <config/derived.hpp>
#include <support/temporary_directory.hpp>

#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>

#include <algorithm>

namespace dbxapps::conformance {
namespace {

namespace json = boost::json;
using namespace config;

std::string joined(const std::vector<std::string>& items) {
    std::string out;
    for (const auto& item : items)
        out += (out.empty() ? "" : ",") + item;
    return out;
}

std::string field_of(std::string_view name, const settings& s) {
    if (name == "scopes") return joined(scopes_of(s));
    if (name == "u2m_scopes") return joined(login_scopes_of(s));
    if (name == "cloud") return std::string(to_string(cloud_of(s)));
    if (name == "is_azure") return cloud_of(s) == cloud::azure ? "true" : "false";
    if (name == "host_type") return std::string(to_string(host_type_of(s)));
    if (const auto* row = find_attribute(name)) return s.text(row->id);
    return "no such field";
}

}  // namespace

std::string text_of(const json::value& v) {
    if (v.is_string()) return json::value_to<std::string>(v);
    if (!v.is_array()) return json::serialize(v);
    std::string out;
    for (const auto& item : v.as_array())
        out += (out.empty() ? "" : ",") + text_of(item);
    return out;
}

settings own_settings(const auth_case& c, const std::string& directory) {
    constexpr std::string_view in_file = "@file:";
    settings out;
    for (const auto& [key, value] : c.config) {
        const attribute_row* row = find_attribute(key);
        std::string text = text_of(value);
        if (text.starts_with(in_file)) {
            const std::string path = directory + "/" + std::string(key);
            test::make_file(path, text.substr(in_file.size()));
            text = path;
        }
        if (!row) ADD_FAILURE() << "no setting is called " << key;
        if (row && !out.set(row->id, text)) ADD_FAILURE() << key << " is malformed";
    }
    return out;
}

bool expects_any(const auth_case& c, std::initializer_list<const char*> fields) {
    return std::any_of(fields.begin(), fields.end(), [&](const char* f) { return c.expect.contains(f); });
}

void expect_no_secret(const auth_case& c, std::string_view words) {
    for (const attribute_row& row : attributes()) {
        if (row.shown != display::secret) continue;
        const auto* own = c.config.if_contains(row.key);
        const auto variable = c.env.find(std::string(row.variable));
        const std::string secret = own ? text_of(*own) : variable == c.env.end() ? "" : variable->second;
        if (secret.size() > 4 && words.find(secret) != words.npos) ADD_FAILURE() << row.key << " is told: " << words;
    }
    for (const auto* elsewhere : {"PT0+IC9kZXYvdXJhbmRvbSA8PT0KYFZ", "dapi", "10000002", "%Y#X$Z", "test-token"})
        EXPECT_EQ(words.find(elsewhere), words.npos) << words;
}

void expect_failure(const auth_case& c, const failure& why) {
    const auto* kind = c.expect.if_contains("error_kind");
    ASSERT_NE(kind, nullptr) << "unexpected: " << why.detail;
    EXPECT_EQ(why.cause.message(), text_of(*kind)) << why.detail;
    EXPECT_EQ(why.cause.category().name(), std::string("dbxapps.config"));
    if (const auto* parts = c.expect.if_contains("error_contains")) {
        for (const auto& part : parts->as_array())
            EXPECT_NE(why.detail.find(text_of(part)), std::string::npos) << text_of(part) << "\nin: " << why.detail;
    }
    expect_no_secret(c, why.detail);
}

void expect_settings(const auth_case& c, const settings& s, std::initializer_list<std::string_view> passed_over) {
    EXPECT_FALSE(c.expect.contains("error_kind")) << "none came";
    for (const auto& [name, value] : c.expect) {
        const bool ours =
            std::find(passed_over.begin(), passed_over.end(), std::string_view(name)) == passed_over.end();
        if (ours && !name.starts_with("error_")) {
            EXPECT_EQ(field_of(name, s), text_of(value)) << name;
        }
    }
}

std::vector<auth_case> cases_where(bool (*here)(const auth_case&)) {
    auto all = read_auth_cases();
    std::erase_if(all, [&](const auth_case& c) { return !here(c); });
    return all;
}

}  // namespace dbxapps::conformance
