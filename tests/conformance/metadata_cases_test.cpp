// The cases of what a host says of itself, and of what that fills.
#include <conformance/case_checks.hpp>
#include <conformance/case_world.hpp>
#include <conformance/mock_server.hpp>
#include <conformance/run_on.hpp>

#include <config/ways_in.hpp>
#include <login/ask_host_metadata.hpp>
#include <oauth/back_fill.hpp>

#include <gtest/gtest.h>

#include <ctime>

namespace dbxapps::conformance {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

// What a call with these settings would be authorised by.
std::string chosen_way_in(const config::resolved& r, const config::surroundings& around) {
    const auto way = config::choose_way_in(r, around);
    return way ? std::string((*way)->auth_type) : way.error().detail;
}

class metadata : public testing::TestWithParam<auth_case> {};

TEST_P(metadata, fills_what_nobody_has_set) {
    const auth_case& c = GetParam();
    if (const auto* d = find_departure(c.name)) GTEST_SKIP() << d->reason;
    const case_world world(c);
    auto resolved = config::resolve(own_settings(c), world.surroundings());
    ASSERT_TRUE(resolved) << resolved.error().detail;
    const std::string host = resolved->values.text(config::attribute::host);
    asio::io_context io;
    mock_server server(io, listed_answers(c, host, std::time(nullptr)));
    const auto real = real_transport(io);
    mapped_transport via(*real, server);
    const auto answer = run_on(io, login::ask_host_metadata(via, host, clock::now() + 20s));
    ASSERT_TRUE(answer) << answer.error().detail;
    const auto& said = *answer;
    if (said) oauth::back_fill(resolved->values, *said);
    expect_settings(c, resolved->values, {"auth_type", "metadata_host_type"});
    if (const auto* type = c.expect.if_contains("metadata_host_type")) {
        EXPECT_EQ(said ? said->host_type : "no metadata", text_of(*type));
    }
    if (const auto* auth_type = c.expect.if_contains("auth_type")) {
        EXPECT_EQ(chosen_way_in(*resolved, world.surroundings()), text_of(*auth_type));
    }
    for (const auto& trouble : server.troubles())
        ADD_FAILURE() << trouble;
}

INSTANTIATE_TEST_SUITE_P(cases, metadata,
                         testing::ValuesIn(cases_where([](const auth_case& c) { return c.kind == "metadata"; })),
                         [](const auto& row) { return row.param.test_name(); });

}  // namespace
}  // namespace dbxapps::conformance
