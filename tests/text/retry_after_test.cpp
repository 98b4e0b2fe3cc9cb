#include <text/retry_after.hpp>

#include <gtest/gtest.h>

namespace dbxapps::text {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;

constexpr std::time_t sunday = 784111777;  // Sun, 06 Nov 1994 08:49:37 GMT

TEST(retry_after, seconds_are_read_as_they_stand) {
    EXPECT_EQ(parse_retry_after("0", sunday), 0s);
    EXPECT_EQ(parse_retry_after("1", sunday), 1s);
    EXPECT_EQ(parse_retry_after(" 120\t", sunday), 120s);
    EXPECT_EQ(parse_retry_after("86400", sunday), 24h);
}

TEST(retry_after, more_than_a_day_is_a_day_however_large_the_number) {
    for (const auto huge : {"86401", "4294967296", "9223372036854775808", "18446744073709551615",
                            "18446744073709551616", "99999999999999999999999999999999999999"}) {
        EXPECT_EQ(parse_retry_after(huge, sunday), 24h) << huge;
    }
}

TEST(retry_after, a_date_is_counted_from_now) {
    constexpr auto date = "Sun, 06 Nov 1994 08:49:37 GMT"sv;
    EXPECT_EQ(parse_retry_after(date, sunday - 30), 30s);
    EXPECT_EQ(parse_retry_after(date, sunday), 0s);
    EXPECT_EQ(parse_retry_after(date, sunday + 30), 0s) << "a date in the past is no wait";
    EXPECT_EQ(parse_retry_after(date, sunday - 100 * 86400), 24h);
    EXPECT_EQ(parse_retry_after("Thu, 01 Jan 1970 00:00:00 GMT", 0), 0s);
    EXPECT_EQ(parse_retry_after("Fri, 31 Dec 9999 23:59:59 GMT", sunday), 24h);
    EXPECT_EQ(parse_retry_after("Sat, 01 Jan 0000 00:00:00 GMT", sunday), 0s);
}

TEST(retry_after, every_month_has_its_place_and_its_length) {
    constexpr struct {
        std::string_view month;
        int days;
    } months[] = {{"Jan", 31}, {"Feb", 28}, {"Mar", 31}, {"Apr", 30}, {"May", 31}, {"Jun", 30},
                  {"Jul", 31}, {"Aug", 31}, {"Sep", 30}, {"Oct", 31}, {"Nov", 30}, {"Dec", 31}};
    std::time_t begins = 757382400;  // 1 January 1994
    for (const auto& [month, days] : months) {
        const auto at = [&](int day) {
            const std::string number = (day < 10 ? "0" : "") + std::to_string(day);
            return parse_retry_after("Xxx, " + number + " " + std::string(month) + " 1994 00:00:10 GMT", begins);
        };
        EXPECT_EQ(at(1), 10s) << month;
        EXPECT_NE(at(days), std::nullopt) << month;
        EXPECT_EQ(at(days + 1), std::nullopt) << month;
        EXPECT_EQ(at(0), std::nullopt) << month;
        begins += days * 86400;
    }
    EXPECT_NE(parse_retry_after("Thu, 29 Feb 1996 00:00:00 GMT", sunday), std::nullopt);
}

TEST(retry_after, a_leap_second_is_a_second_of_its_minute) {
    EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:60 GMT", sunday), 22s);
    EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:61 GMT", sunday), std::nullopt);
}

TEST(retry_after, nonsense_is_no_answer) {
    for (const auto text : {""sv,
                            " "sv,
                            "-1"sv,
                            "+1"sv,
                            "1.5"sv,
                            "1s"sv,
                            "soon"sv,
                            "0x10"sv,
                            "1 2"sv,
                            "5\0"sv,
                            "5\r\n"sv,
                            "Sunday, 06-Nov-94 08:49:37 GMT"sv,
                            "Sun Nov  6 08:49:37 1994"sv,
                            "Sun, 06 Nov 1994 08:49:37"sv,
                            "Sun, 06 Nov 1994 08:49:37 UTC"sv,
                            "Sun, 06 Nov 1994 08:49:37 gmt"sv,
                            "Sun, 06 Nov 1994 24:49:37 GMT"sv,
                            "Sun, 06 Nov 1994 08:60:37 GMT"sv,
                            "Sun, 06 anF 1994 08:49:37 GMT"sv,
                            "Sun, 06 nov 1994 08:49:37 GMT"sv,
                            "Sun, -6 Nov 1994 08:49:37 GMT"sv,
                            "Sun,  6 Nov 1994 08:49:37 GMT"sv,
                            "Sun, 06-Nov-1994 08:49:37 GMT"sv,
                            "Sun, 06 Nov 1994T08:49:37 GMT"sv,
                            "Sun, 06 Nov 1994 08.49.37 GMT"sv,
                            "Sun, 06 Nov 1994 08:49.37 GMT"sv,
                            "Sun; 06 Nov 1994 08:49:37 GMT"sv,
                            "Sun, 06 Nov 19x4 08:49:37 GMT"sv,
                            "Sun, 06 Nov 1994 0x:49:37 GMT"sv,
                            "Sun, 06 Nov 1994 08:x9:37 GMT"sv,
                            "Sun, 06 Nov 1994 08:49:3x GMT"sv,
                            "Sun, 06 Nov 1994 08:49:37 GMT x"sv}) {
        EXPECT_EQ(parse_retry_after(text, sunday), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace dbxapps::text
