#include <oauth/expiry.hpp>

#include <config/config_error.hpp>

#include <gtest/gtest.h>

#include <cstdlib>

namespace dbxapps::oauth {
namespace {

TEST(Expiry, IsReadToTheNanosecondWithItsOffset) {
    struct row {
        const char* text;
        std::int64_t seconds;
        std::uint32_t nanoseconds;
    };
    for (const row& r :
         {row{"2024-03-20T10:30:00Z", 1710930600, 0}, row{"2024-03-20t10:30:00z", 1710930600, 0},
          row{"2024-03-20T10:30:00.123456789Z", 1710930600, 123456789},
          row{"2024-03-20T10:30:00.5Z", 1710930600, 500000000},
          row{"2024-03-20T10:30:00.1234567899Z", 1710930600, 123456789},
          row{"2024-03-20T10:30:00+01:00", 1710927000, 0}, row{"2024-03-20T10:30:00-07:30", 1710957600, 0},
          row{"2023-07-17T10:02:22.330612218+01:00", 1689584542, 330612218},
          row{"2024-03-20 10:30:00.123", 1710930600, 123000000}, row{"2024-03-20 10:30:00", 1710930600, 0},
          row{"2024-03-20 10:30:00+01:00", 1710927000, 0}, row{"2024-02-29T00:00:00Z", 1709164800, 0},
          row{"2016-12-31T23:59:60Z", 1483228800, 0}, row{"9999-12-31T23:59:59Z", 253402300799, 0}}) {
        const auto at = read_expiry(r.text, in_utc);
        ASSERT_TRUE(at) << r.text;
        EXPECT_EQ(at->seconds, r.seconds) << r.text;
        EXPECT_EQ(at->nanoseconds, r.nanoseconds) << r.text;
    }
}

TEST(Expiry, IsNothingElse) {
    for (const auto* text : {"",
                             "soon",
                             "2024-03-20",
                             "2024-03-20T10:30:00",
                             "2024-03-20T10:30Z",
                             "2024-13-20T10:30:00Z",
                             "2024-03-32T10:30:00Z",
                             "2024-00-20T10:30:00Z",
                             "2024-02-30T10:30:00Z",
                             "2023-02-29T10:30:00Z",
                             "2024-03-20T24:30:00Z",
                             "2024-03-20T10:60:00Z",
                             "2024-03-20T10:30:61Z",
                             "2024-03-20T10:30:00.Z",
                             "2024-03-20T10:30:00ZZ",
                             "2024-03-20T10:30:00+01",
                             "2024-03-20T10:30:00+0100",
                             "2024-03-20T10:30:00+24:00",
                             " 2024-03-20T10:30:00Z",
                             "24-03-20T10:30:00Z",
                             "-024-03-20T10:30:00Z",
                             "2024-3-20T10:30:00Z",
                             "2024-03-20T10:30:00 Z",
                             "2024/03/20 10:30:00"}) {
        const auto at = read_expiry(text, in_utc);
        ASSERT_FALSE(at) << text;
        EXPECT_EQ(at.error().cause, config::config_error::parse) << text;
    }
}

TEST(Expiry, AsksForTheZoneOnlyWhereNoneIsTold) {
    const zone elsewhere = [](std::tm t) -> std::optional<std::int64_t> { return *in_utc(t) - 7200; };
    EXPECT_EQ(read_expiry("2024-03-20 10:30:00", elsewhere)->seconds, 1710930600 - 7200);
    EXPECT_EQ(read_expiry("2024-03-20 10:30:00Z", elsewhere)->seconds, 1710930600);
    EXPECT_EQ(read_expiry("2024-03-20T10:30:00Z", elsewhere)->seconds, 1710930600);
    EXPECT_FALSE(read_expiry("2024-03-20 10:30:00", [](std::tm) { return std::nullopt; }));
}

TEST(Expiry, LocalTimeIsThatOfTheProcess) {
    const char* before = std::getenv("TZ");
    const std::string kept = before ? before : "";
    ::setenv("TZ", "XST-2XDT,M3.5.0,M10.5.0", 1);
    ::tzset();
    EXPECT_EQ(read_expiry("2024-01-20 10:30:00", in_local_time)->seconds, 1705739400);  // two hours ahead
    EXPECT_EQ(read_expiry("2024-07-20 10:30:00", in_local_time)->seconds, 1721460600);  // three, in summer
    // On 31 March 02:00 becomes 03:00, on 27 October 02:00 becomes 01:00.
    const std::int64_t first = read_expiry("2024-10-27 01:30:00", in_local_time)->seconds;
    EXPECT_EQ(first, 1729981800) << "the hour that comes twice is its first";
    EXPECT_EQ(read_expiry("2024-01-20 10:30:00", in_local_time)->seconds, 1705739400);
    EXPECT_EQ(read_expiry("2024-10-27 01:30:00", in_local_time)->seconds, first) << "whatever was asked before";
    EXPECT_EQ(read_expiry("2024-03-31 02:30:00", in_local_time)->seconds, 1711845000) << "the hour that is left out";
    EXPECT_EQ(read_expiry("2024-07-20 10:29:60", in_local_time)->seconds, 1721460600) << "a leap second";
    before ? ::setenv("TZ", kept.c_str(), 1) : ::unsetenv("TZ");
    ::tzset();
}

}  // namespace
}  // namespace dbxapps::oauth
