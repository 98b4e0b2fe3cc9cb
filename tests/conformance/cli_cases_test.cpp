// The cases of the databricks CLI: where it is found, what its version says, how it is run, what its answers mean.
#include <conformance/case_checks.hpp>
#include <conformance/fake_programs.hpp>

#include <config/find_program.hpp>
#include <config/host.hpp>
#include <oauth/cli_output.hpp>
#include <oauth/cli_version.hpp>
#include <oauth/expiry.hpp>
#include <support/temporary_directory.hpp>
#include <text/encoding.hpp>

#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>

#include <array>
#include <ctime>
#include <map>

namespace dbxapps::conformance {
namespace {

namespace json = boost::json;
using config::attribute;

// RFC 3339 in UTC, with as many digits as it needs.
std::string written(const oauth::instant& t) {
    const auto seconds = static_cast<std::time_t>(t.seconds);
    std::tm parts{};
    char out[32];
    std::strftime(out, sizeof out, "%Y-%m-%dT%H:%M:%S", ::gmtime_r(&seconds, &parts));
    std::string fraction = std::to_string(1'000'000'000 + t.nanoseconds);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    return out + (fraction.size() > 1 ? "." + fraction.substr(1) : "") + "Z";
}

void expect_expiry(const auth_case& c) {
    const auto read = oauth::read_expiry(text_of(c.whole.at("input")), oauth::in_utc);
    if (!read) return expect_failure(c, read.error());
    ASSERT_TRUE(c.expect.contains("utc")) << "no failure came";
    EXPECT_EQ(written(*read), text_of(c.expect.at("utc")));
}

std::array<std::uint32_t, 3> numbers_in(const json::array& from) {
    std::array<std::uint32_t, 3> out{};
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = from.at(i).to_number<std::uint32_t>();
    return out;
}

void expect_found(const auth_case& c) {
    const auto& input = c.whole.at("input").as_object();
    ASSERT_EQ(text_of(input.at("type")), "file");
    const test::temporary_directory directory;
    write_program(directory.path() + "/databricks", "#!/bin/sh\n", input.at("size").to_number<std::size_t>());
    const auto found = config::find_program("databricks", directory.path());
    if (!found) return expect_failure(c, found.error());
    EXPECT_EQ(*found, directory.path() + "/databricks");
    EXPECT_TRUE(c.expect.contains("ok")) << "no failure came";
}

// The SDKs for Python and Java read one form and the SDK for Go the other; ours takes either.
void expect_version(const auth_case& c) {
    const bool json = c.name.starts_with("cli version JSON");
    const std::string said = text_of(c.whole.at("input"));
    const auto read = json ? oauth::read_version_json(said) : oauth::read_cli_version(said);
    if (!read) return expect_failure(c, read.error());
    if (const auto* version = c.expect.if_contains("version")) {
        EXPECT_EQ(read->text(), text_of(*version));
    }
    if (const auto* triple = c.expect.if_contains("triple")) {
        EXPECT_EQ(read->number, numbers_in(triple->as_array()));
    }
    EXPECT_TRUE(expects_any(c, {"version", "triple"})) << "no failure came";
}

void expect_command(const auth_case& c) {
    const config::settings s = own_settings(c);
    const std::string& host = s.text(attribute::host);
    const oauth::cli_login login = {"/path/to/databricks", s.text(attribute::profile), host,
                                    s.text(attribute::account_id), config::is_account_host(host)};
    const auto version = oauth::read_cli_version("Databricks CLI " + text_of(c.whole.at("cli_version")));
    ASSERT_TRUE(version) << version.error().detail;
    const auto command = oauth::cli_command(login, *version);
    if (!command) return expect_failure(c, command.error());
    EXPECT_EQ(*command, json::value_to<std::vector<std::string>>(c.expect.at("argv")));
}

void expect_scopes(const auth_case& c) {
    const auto& claims = c.whole.at("input").as_object().at("claims");
    const token jwt("e30." + text::base64url(json::serialize(claims)) + ".c2ln");
    const auto fit = oauth::check_scopes(own_settings(c).list(attribute::scopes), jwt, {});
    if (!fit) return expect_failure(c, fit.error());
    EXPECT_TRUE(c.expect.contains("ok")) << "no failure came";
}

const std::map<std::string, void (*)(const auth_case&)> kinds = {
    {"cli_binary", expect_found},   {"cli_version", expect_version}, {"cli_command", expect_command},
    {"scope_claim", expect_scopes}, {"expiry", expect_expiry},
};

class cli : public testing::TestWithParam<auth_case> {};

TEST_P(cli, is_understood_as_by_the_sdks) {
    const auth_case& c = GetParam();
    if (const auto* d = find_departure(c.name)) GTEST_SKIP() << d->reason;
    kinds.at(c.kind)(c);
}

INSTANTIATE_TEST_SUITE_P(cases, cli,
                         testing::ValuesIn(cases_where([](const auth_case& c) { return kinds.contains(c.kind); })),
                         [](const auto& row) { return row.param.test_name(); });

}  // namespace
}  // namespace dbxapps::conformance
