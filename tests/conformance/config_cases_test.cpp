// The cases that settings alone decide: no server, no program is run.
#include <conformance/case_checks.hpp>

#include <config/ways_in.hpp>
#include <conformance/run_on.hpp>
#include <login/make_source.hpp>

#include <gtest/gtest.h>

namespace dbxapps::conformance {
namespace {

using namespace config;

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

// For ways in that ask nobody.
class nobody final : public transport {
public:
    boost::asio::awaitable<result<response>> exchange(transport_request, time_point) override {
        co_return failure(errc::connect_failed, "nobody is to be asked");
    }
};

std::string authorization_by(const way_in& way, const settings& values, const surroundings& s) {
    const auto source = login::make_source(way, values, s);
    if (!source) return source.error().detail;
    nobody via;
    boost::asio::io_context io;
    const auto got = run_on(io, (*source)->fetch(via, clock::now() + std::chrono::seconds(10)));
    return got ? std::string(got->authorization()) : got.error().detail;
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
    expect_settings(c, r->values, {"headers", "auth_type"});
    if (const auto* headers = c.expect.if_contains("headers")) {
        EXPECT_EQ(authorization_by(*way, r->values, s), text_of(headers->at("Authorization")));
    }
    if (const auto* auth_type = c.expect.if_contains("auth_type")) {
        EXPECT_EQ(way->auth_type, text_of(*auth_type));
    }
}

bool decides(const auth_case& c) { return who_decides(c) == decided_by::configuration; }

INSTANTIATE_TEST_SUITE_P(cases, configuration, testing::ValuesIn(cases_where(decides)),
                         [](const auto& row) { return row.param.test_name(); });

}  // namespace
}  // namespace dbxapps::conformance
