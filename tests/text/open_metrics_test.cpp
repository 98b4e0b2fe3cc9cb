#include <dbxapps/metrics.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <set>
#include <sstream>
#include <vector>

namespace dbxapps {
namespace {

using namespace std::chrono_literals;

origin_metrics orders() {
    origin_metrics m;
    m.origin = "https://orders.example:443";
    m.calls = 5;
    m.failures = 2;
    m.in_flight = 3;
    m.attempts = 10;
    m.retries = 1;
    m.replays = 2;
    m.resends = 4;
    m.responses[2] = 2;
    m.responses[5] = 1;
    m.failures_by[static_cast<std::size_t>(errc::timed_out)] = 1;
    m.failures_by[static_cast<std::size_t>(errc::host_not_allowed)] = 1;
    m.connections = 7;
    m.idle_connections = 4;
    m.circuit = circuit_state::half_open;
    latency_histogram h;
    for (const duration took : std::initializer_list<duration>{500us, 3ms, 3ms, 90ms, 200s})
        h.record(took);
    m.latency = h.snapshot();
    return m;
}

std::vector<std::string> lines_of(const std::string& text, std::string_view with = {}) {
    std::istringstream in(text);
    std::vector<std::string> out;
    for (std::string line; std::getline(in, line);) {
        if (line.find(with) != line.npos) out.push_back(line);
    }
    return out;
}

std::uint64_t value_of(const std::string& line) {
    std::uint64_t out = std::numeric_limits<std::uint64_t>::max();
    std::from_chars(line.data() + line.rfind(' ') + 1, line.data() + line.size(), out);
    return out;
}

TEST(open_metrics, one_origin_reads_like_this) {
    const origin_metrics one[] = {orders()};
    EXPECT_EQ(open_metrics(one), R"(# TYPE dbxapps_calls counter
# HELP dbxapps_calls Calls that have ended, whatever the outcome.
dbxapps_calls_total{origin="https://orders.example:443"} 5
# TYPE dbxapps_calls_in_flight gauge
# HELP dbxapps_calls_in_flight Calls that have not ended yet.
dbxapps_calls_in_flight{origin="https://orders.example:443"} 3
# TYPE dbxapps_attempts counter
# HELP dbxapps_attempts Attempts to send a request, without resends.
dbxapps_attempts_total{origin="https://orders.example:443"} 10
# TYPE dbxapps_responses counter
# HELP dbxapps_responses Calls that ended with a response, by the class of its status.
dbxapps_responses_total{origin="https://orders.example:443",status="1xx"} 0
dbxapps_responses_total{origin="https://orders.example:443",status="2xx"} 2
dbxapps_responses_total{origin="https://orders.example:443",status="3xx"} 0
dbxapps_responses_total{origin="https://orders.example:443",status="4xx"} 0
dbxapps_responses_total{origin="https://orders.example:443",status="5xx"} 1
# TYPE dbxapps_failures counter
# HELP dbxapps_failures Calls that ended without a response, by the code of the failure.
dbxapps_failures_total{origin="https://orders.example:443",code="timed_out"} 1
dbxapps_failures_total{origin="https://orders.example:443",code="host_not_allowed"} 1
# TYPE dbxapps_repeats counter
# HELP dbxapps_repeats Requests that were sent again, by the reason.
dbxapps_repeats_total{origin="https://orders.example:443",reason="retry"} 1
dbxapps_repeats_total{origin="https://orders.example:443",reason="replay"} 2
dbxapps_repeats_total{origin="https://orders.example:443",reason="resend"} 4
# TYPE dbxapps_connections gauge
# HELP dbxapps_connections Open connections.
dbxapps_connections{origin="https://orders.example:443",state="busy"} 3
dbxapps_connections{origin="https://orders.example:443",state="idle"} 4
# TYPE dbxapps_circuit stateset
# HELP dbxapps_circuit Whether calls fail at once, as nothing answers.
dbxapps_circuit{origin="https://orders.example:443",dbxapps_circuit="closed"} 0
dbxapps_circuit{origin="https://orders.example:443",dbxapps_circuit="open"} 0
dbxapps_circuit{origin="https://orders.example:443",dbxapps_circuit="half_open"} 1
# TYPE dbxapps_call_duration_seconds histogram
# UNIT dbxapps_call_duration_seconds seconds
# HELP dbxapps_call_duration_seconds From a call's entry to its outcome.
dbxapps_call_duration_seconds_bucket{origin="https://orders.example:443",le="0.001"} 1
dbxapps_call_duration_seconds_bucket{origin="https://orders.example:443",le="0.0025"} 1
dbxapps_call_duration_seconds_bucket{origin="https://orders.example:443",le="0.005"} 3
dbxapps_call_duration_seconds_bucket{origin="https://orders.example:443",le="0.01"} 3
dbxapps_call_duration_seconds_bucket{origin="https://orders.example:443",le="0.025"} 3
dbxapps_call_duration_seconds_bucket{origin="https://orders.example:443",le="0.05"} 3
dbxapps_call_duration_seconds_bucket{origin="https://orders.example:443",le="0.1"} 4
dbxapps_call_duration_seconds_bucket{origin="https://orders.example:443",le="0.25"} 4
dbxapps_call_duration_seconds_bucket{origin="https://orders.example:443",le="0.5"} 4
dbxapps_call_duration_seconds_bucket{origin="https://orders.example:443",le="1.0"} 4
dbxapps_call_duration_seconds_bucket{origin="https://orders.example:443",le="2.5"} 4
dbxapps_call_duration_seconds_bucket{origin="https://orders.example:443",le="5.0"} 4
dbxapps_call_duration_seconds_bucket{origin="https://orders.example:443",le="10.0"} 4
dbxapps_call_duration_seconds_bucket{origin="https://orders.example:443",le="30.0"} 4
dbxapps_call_duration_seconds_bucket{origin="https://orders.example:443",le="60.0"} 4
dbxapps_call_duration_seconds_bucket{origin="https://orders.example:443",le="120.0"} 4
dbxapps_call_duration_seconds_bucket{origin="https://orders.example:443",le="+Inf"} 5
dbxapps_call_duration_seconds_count{origin="https://orders.example:443"} 5
dbxapps_call_duration_seconds_sum{origin="https://orders.example:443"} 200.0965
# EOF
)");
}

TEST(open_metrics, without_an_origin_there_is_nothing_to_count) {
    const std::string text = open_metrics({});
    for (const auto& line : lines_of(text))
        EXPECT_TRUE(line.starts_with("# ")) << line;
    EXPECT_TRUE(text.ends_with("\n# EOF\n"));
}

TEST(open_metrics, the_samples_of_a_family_stand_together) {
    origin_metrics two[] = {orders(), orders()};
    two[1].origin = "https://stock.example:443";
    const auto lines = lines_of(open_metrics(two));
    std::set<std::string> seen;
    std::string family;
    for (const auto& line : lines) {
        if (line.starts_with("# TYPE ")) {
            family = line.substr(7, line.find(' ', 7) - 7);
            EXPECT_TRUE(seen.insert(family).second) << line;
        } else if (!line.starts_with("# ")) {
            EXPECT_TRUE(line.starts_with(family)) << line;
        }
    }
    EXPECT_EQ(lines_of(open_metrics(two), "stock.example").size(),
              lines_of(open_metrics(two), "orders.example").size());
}

TEST(open_metrics, no_origin_can_end_its_label_or_its_line) {
    origin_metrics odd[] = {{}};
    odd[0].origin = "a\"} 1\nforged{x=\"\\";
    const std::string text = open_metrics(odd);
    for (const auto& line : lines_of(text))
        EXPECT_FALSE(line.starts_with("forged")) << line;
    EXPECT_NE(text.find(R"(dbxapps_calls_total{origin="a\"} 1\nforged{x=\"\\"} 0)"), text.npos) << text;
}

TEST(open_metrics, buckets_do_not_fall_and_the_last_is_the_count) {
    latency_histogram h;
    for (auto took = 100us; took < 1000s; took += took / 7)
        h.record(took);
    origin_metrics one[] = {{}};
    one[0].latency = h.snapshot();
    const std::string text = open_metrics(one);
    const auto buckets = lines_of(text, "_bucket{");
    ASSERT_EQ(buckets.size(), 17U);
    EXPECT_TRUE(std::is_sorted(buckets.begin(), buckets.end(),
                               [](const auto& a, const auto& b) { return value_of(a) < value_of(b); }));
    EXPECT_LT(value_of(buckets.front()), value_of(buckets[8]));
    EXPECT_LT(value_of(buckets[8]), value_of(buckets.back()));
    EXPECT_NE(buckets.back().find("le=\"+Inf\""), std::string::npos);
    EXPECT_EQ(value_of(buckets.back()), h.snapshot().count());
    EXPECT_EQ(value_of(lines_of(text, "seconds_count").at(0)), h.snapshot().count());
}

TEST(open_metrics, numbers_as_large_as_they_get_fit) {
    origin_metrics one[] = {orders()};
    one[0].calls = std::numeric_limits<std::uint64_t>::max();
    one[0].idle_connections = 9;  // counted a moment later than the open ones
    latency_histogram h;
    h.record(duration::max());
    one[0].latency = h.snapshot();
    const std::string text = open_metrics(one);
    EXPECT_NE(text.find("} 18446744073709551615\n"), text.npos);
    EXPECT_NE(text.find("state=\"busy\"} 0\n"), text.npos);
    EXPECT_NE(text.find("_sum{origin=\"https://orders.example:443\"} 9223372036.854776\n"), text.npos) << text;
}

TEST(origin_metrics, has_room_for_every_code) {
    EXPECT_EQ(to_string(static_cast<errc>(origin_metrics::codes)), "unknown");
    EXPECT_NE(to_string(static_cast<errc>(origin_metrics::codes - 1)), "unknown");
    EXPECT_EQ(orders().failed_as(errc::timed_out), 1U);
    EXPECT_EQ(orders().failed_as(errc::cancelled), 0U);
    EXPECT_EQ(orders().failed_as(static_cast<errc>(-1)), 0U);
    EXPECT_EQ(orders().failed_as(static_cast<errc>(origin_metrics::codes)), 0U);
}

}  // namespace
}  // namespace dbxapps
