// The cases that a server, or a program, decides: settings from the real environment and files, the ways in that they
// allow, and requests over the library's own connections to a server that answers as the case lists.
#include <conformance/case_checks.hpp>
#include <conformance/case_world.hpp>
#include <conformance/mock_server.hpp>
#include <conformance/run_on.hpp>

#include <login/first_that_works.hpp>
#include <text/ascii.hpp>

#include <gtest/gtest.h>

#include <ctime>

namespace dbxapps::conformance {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using config::attribute;

// The value of a header field that calls with this token have; nothing: they have none of this name.
std::optional<std::string> field_of(const token& t, std::string_view name) {
    if (text::same(name, "Authorization")) return std::string(t.authorization());
    for (std::string_view rest = t.workspace_fields(); !rest.empty();) {
        const std::string_view line = rest.substr(0, rest.find("\r\n"));
        rest.remove_prefix(line.size() + 2);
        const auto colon = line.find(": ");
        if (text::same(line.substr(0, colon), name)) return std::string(line.substr(colon + 2));
    }
    return std::nullopt;
}

std::vector<std::string> names_in(const auth_case& c, std::string_view key) {
    std::vector<std::string> out;
    if (const auto* all = c.expect.if_contains(key)) {
        for (const auto& name : all->as_array())
            out.push_back(text_of(name));
    }
    return out;
}

void expect_login(const auth_case& c, const login::first_that_works& source, const token& got) {
    expect_settings(c, source.values(), {"auth_type", "headers", "headers_present", "headers_absent"});
    if (const auto* auth_type = c.expect.if_contains("auth_type")) {
        EXPECT_EQ(source.chosen(), text_of(*auth_type));
    }
    if (const auto* headers = c.expect.if_contains("headers")) {
        for (const auto& [name, value] : headers->as_object())
            EXPECT_EQ(field_of(got, name), text_of(value)) << name;
    }
    for (const auto& name : names_in(c, "headers_present"))
        EXPECT_TRUE(field_of(got, name)) << name;
    for (const auto& name : names_in(c, "headers_absent"))
        EXPECT_FALSE(field_of(got, name)) << name;
}

class exchanges : public testing::TestWithParam<auth_case> {};

TEST_P(exchanges, log_in_as_the_sdks_do) {
    const auth_case& c = GetParam();
    if (const auto* d = find_departure(c.name)) GTEST_SKIP() << d->reason;
    const case_world world(c);
    const auto resolved = config::resolve(own_settings(c, world.home()), world.surroundings());
    if (!resolved) return expect_failure(c, resolved.error());
    asio::io_context io;
    mock_server server(io, listed_answers(c, resolved->values.text(attribute::host), std::time(nullptr)));
    const auto real = real_transport(io);
    mapped_transport via(*real, server);
    login::first_that_works source(*resolved, world.surroundings());
    const auto got = run_on(io, source.fetch(via, clock::now() + 30s));
    for (const auto& way : source.tried())
        expect_no_secret(c, way.why_not->detail);
    if (got) {
        expect_login(c, source, *got);
    } else {
        expect_failure(c, got.error());
    }
    for (const auto& trouble : server.troubles())
        ADD_FAILURE() << trouble << "\nasked for:" << testing::PrintToString(server.log());
}

bool decide(const auth_case& c) {
    return (c.kind == "request" || c.kind == "config") && who_decides(c) == decided_by::exchanges;
}

INSTANTIATE_TEST_SUITE_P(cases, exchanges, testing::ValuesIn(cases_where(decide)),
                         [](const auto& row) { return row.param.test_name(); });

}  // namespace
}  // namespace dbxapps::conformance
