#include <dbxapps/latency_histogram.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace dbxapps {
namespace {

using namespace std::chrono_literals;
using buckets = detail::latency_buckets;

static_assert(sizeof(latency_histogram) <= 4096);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

TEST(latency_histogram, knows_nothing_before_the_first) {
    const latency_snapshot none = latency_histogram().snapshot();
    EXPECT_EQ(none.count(), 0U);
    EXPECT_EQ(none.sum(), 0s);
    EXPECT_EQ(none.max(), 0s);
    EXPECT_EQ(none.quantile(0.5), 0s);
    EXPECT_EQ(none.within(1h), 0U);
}

TEST(latency_histogram, its_buckets_lie_side_by_side_and_none_is_wider_than_a_sixteenth) {
    EXPECT_EQ(buckets::lowest_of(0), 0U);
    for (std::size_t i = 0; i < buckets::count; ++i) {
        const std::uint64_t lowest = buckets::lowest_of(i), next = buckets::lowest_of(i + 1);
        ASSERT_EQ(buckets::of(lowest), i);
        ASSERT_EQ(buckets::of(next - 1), i);
        ASSERT_LE(next - lowest, std::max<std::uint64_t>(256, lowest / 16));
    }
    EXPECT_EQ(buckets::lowest_of(buckets::count), std::uint64_t{1} << 42);
}

TEST(latency_histogram, what_is_out_of_range_is_in_the_first_or_the_last_bucket) {
    latency_histogram h;
    h.record(-1s);
    h.record(duration::max());
    const auto s = h.snapshot();
    EXPECT_EQ(s.count(), 2U);
    EXPECT_EQ(s.within(0s), 1U);
    EXPECT_EQ(s.within(1h), 1U);
    EXPECT_EQ(s.within(duration::max()), 2U);
    EXPECT_EQ(s.within(-1ns), 0U);
    EXPECT_EQ(s.max(), duration::max());
    EXPECT_EQ(s.sum(), duration::max());
    EXPECT_LT(s.quantile(0), 256ns);
    EXPECT_GT(s.quantile(1), 1h);
}

TEST(latency_histogram, a_quantile_outside_0_to_1_is_the_nearest_inside) {
    latency_histogram h;
    h.record(10ms);
    const auto s = h.snapshot();
    for (const double q : {-1.0, 0.0, 0.5, 1.0, 7.0, std::nan("")})
        EXPECT_EQ(s.quantile(q), s.quantile(0.5)) << q;
}

// Three shapes: even, many doublings wide, and two peaks.
std::vector<std::int64_t> sample(std::mt19937_64& random) {
    const auto pick = [&](std::int64_t from, std::int64_t to) {
        return std::uniform_int_distribution<std::int64_t>(from, to)(random);
    };
    const std::int64_t shape = pick(0, 2), most = std::int64_t{1} << pick(1, 41);
    std::vector<std::int64_t> out(static_cast<std::size_t>(pick(1, 3000)));
    for (auto& ns : out) {
        if (shape == 0) ns = pick(0, most);
        if (shape == 1) ns = pick(0, std::int64_t{1} << pick(0, 41));
        if (shape == 2) ns = pick(0, 9) == 0 ? most : most / 50;
    }
    return out;
}

// The same error bound for a whole and for the sum of two parts.
void check_quantiles(const latency_snapshot& s, std::vector<std::int64_t> exact) {
    std::sort(exact.begin(), exact.end());
    ASSERT_EQ(s.count(), exact.size());
    ASSERT_EQ(s.max().count(), exact.back());
    duration before{};
    for (const double q : {0.0, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0}) {
        const auto rank =
            std::max<std::size_t>(1, static_cast<std::size_t>(std::ceil(q * static_cast<double>(exact.size()))));
        const std::int64_t wanted = exact[rank - 1];
        const duration found = s.quantile(q);
        ASSERT_LE(std::abs(found.count() - wanted), std::max<std::int64_t>(256, wanted / 16)) << q;
        ASSERT_LE(before, found) << "a higher quantile is not lower";
        ASSERT_LE(found, s.max());
        ASSERT_GE(s.within(std::chrono::nanoseconds(wanted)), rank);
        before = found;
    }
}

TEST(latency_histogram, a_quantile_is_off_by_no_more_than_a_sixteenth) {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937_64 random(seed);
        const auto durations = sample(random);
        latency_histogram whole, parts[2];
        std::int64_t sum = 0;
        for (const std::int64_t ns : durations) {
            whole.record(std::chrono::nanoseconds(ns));
            parts[random() % 2].record(std::chrono::nanoseconds(ns));
            sum += ns;
        }
        auto merged = parts[0].snapshot();
        merged += parts[1].snapshot();
        check_quantiles(whole.snapshot(), durations);
        check_quantiles(merged, durations);
        EXPECT_EQ(whole.snapshot().sum().count(), sum);
        EXPECT_EQ(merged.sum().count(), sum);
        if (HasFatalFailure()) return;
    }
}

TEST(latency_histogram, many_equal_durations_are_told_apart_from_their_neighbours) {
    latency_histogram h;
    for (int n = 0; n < 1000; ++n)
        h.record(n < 990 ? 10ms : 200ms);
    const auto s = h.snapshot();
    EXPECT_EQ(s.within(10ms), 990U);
    EXPECT_EQ(s.within(11ms), 990U);
    EXPECT_EQ(s.within(9ms), 0U);
    EXPECT_LT(s.quantile(0.99), 11ms);
    EXPECT_GT(s.quantile(0.991), 187ms);
}

}  // namespace
}  // namespace dbxapps
