#include <apps/event_stream.hpp>

#include <support/events.hpp>

namespace dbxapps::apps {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;
using support::events_of;

TEST(event_stream, a_blank_line_ends_an_event) {
    EXPECT_EQ(events_of("data: hello\n\n"), "message|hello|; id=''");
    EXPECT_EQ(events_of("data: one\n\ndata: two\n\n"), "message|one|; message|two|; id=''");
    EXPECT_EQ(events_of("\n\n\ndata: one\n\n\n\ndata: two\n\n\n"), "message|one|; message|two|; id=''");
    EXPECT_EQ(events_of(""), "id=''");
    EXPECT_EQ(events_of("\n"), "id=''");
}

TEST(event_stream, several_data_lines_are_joined_by_lf) {
    EXPECT_EQ(events_of("data: BRDG\ndata: -3\ndata: 41\n\n"), "message|BRDG\n-3\n41|; id=''");
    EXPECT_EQ(events_of("data: {\ndata:   \"a\": 1\ndata: }\n\n"), "message|{\n  \"a\": 1\n}|; id=''");
    EXPECT_EQ(events_of("data: a\nid: 4\ndata: b\nevent: t\ndata: c\n\n"), "t|a\nb\nc|4; id='4'");
}

TEST(event_stream, a_data_line_may_be_empty) {
    EXPECT_EQ(events_of("data\n\ndata\ndata\n\ndata:"), "message||; message|\n|; id='' held") << "the last has no end";
    EXPECT_EQ(events_of("data:\n\n"), "message||; id=''");
    EXPECT_EQ(events_of("data: \n\n"), "message||; id=''");
    EXPECT_EQ(events_of("data:\ndata: x\ndata\n\n"), "message|\nx\n|; id=''");
}

TEST(event_stream, one_space_before_the_value_is_taken_away_and_no_more) {
    EXPECT_EQ(events_of("data:x\n\ndata: x\n\ndata:  x\n\n"), "message|x|; message|x|; message| x|; id=''");
    EXPECT_EQ(events_of("data:\tx \n\n"), "message|\tx |; id=''");
    EXPECT_EQ(events_of("event:  t\nid:  7\ndata: a: b\n\n"), " t|a: b| 7; id=' 7'");
    EXPECT_EQ(events_of(" data: x\n\ndata : x\n\n"), "id=''") << "spaces belong to a name";
}

TEST(event_stream, comments_are_skipped) {
    EXPECT_EQ(events_of(": keep-alive\n\n:\n\n:data: x\n\n"), "id=''");
    EXPECT_EQ(events_of("data: a\n: in between\ndata: b\n\n"), "message|a\nb|; id=''");
    EXPECT_EQ(events_of(": first\n\ndata: the one\nid: 1\n\ndata:the two\nid\n\ndata:  the three\n"),
              "message|the one|1; message|the two|; id='' held");
}

TEST(event_stream, unknown_fields_are_skipped) {
    EXPECT_EQ(events_of("date: x\nDATA: x\ndata2: x\ndat: x\nevents: x\nID: x\n\n"), "id=''");
    EXPECT_EQ(events_of("nothing at all\ndata: a\nmore: of it\n\n"), "message|a|; id=''");
}

TEST(event_stream, an_event_has_the_last_type_named) {
    EXPECT_EQ(events_of("event: add\ndata: 73\n\nevent: remove\ndata: 21\n\ndata: 5\n\n"),
              "add|73|; remove|21|; message|5|; id=''");
    EXPECT_EQ(events_of("event: a\nevent: b\ndata: x\n\n"), "b|x|; id=''");
    EXPECT_EQ(events_of("event: a\nevent\ndata: x\n\n"), "message|x|; id=''");
    EXPECT_EQ(events_of("data: x\nevent: late\n\n"), "late|x|; id=''");
}

TEST(event_stream, without_data_nothing_is_given_out_and_the_type_is_forgotten) {
    EXPECT_EQ(events_of("event: a\n\ndata: x\n\n"), "message|x|; id=''");
    EXPECT_EQ(events_of("event: a\nid: 3\n\ndata: x\n\n"), "message|x|3; id='3'");
}

TEST(event_stream, the_last_event_id_stays_until_another_comes) {
    EXPECT_EQ(events_of("id: 1\ndata: a\n\ndata: b\n\nid: 2\ndata: c\n\n"),
              "message|a|1; message|b|1; message|c|2; id='2'");
    EXPECT_EQ(events_of("id: 1\ndata: a\n\nid\ndata: b\n\n"), "message|a|1; message|b|; id=''");
    EXPECT_EQ(events_of("id: 1\n\n"), "id='1'") << "an id needs no data";
}

TEST(event_stream, an_id_counts_once_its_event_has_ended) {
    EXPECT_EQ(events_of("id: 1\ndata: a\n\nid: 2\ndata: b\n"), "message|a|1; id='1' held");
    EXPECT_EQ(events_of("id: 1\nid: 2\n\nid: 3"), "id='2' held");
}

TEST(event_stream, an_id_with_a_nul_in_it_is_ignored) {
    EXPECT_EQ(events_of("id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n"sv), "message|a|1; message|b|1; id='1'");
    EXPECT_EQ(events_of("id: \0\n"sv), "id=''") << "and nothing is held of it";
    EXPECT_EQ(events_of("data: \0\nevent: \0\n\n"sv), "\0|\0|; id=''"sv) << "elsewhere it is a byte like another";
}

TEST(event_stream, retry_is_taken_from_digits_only) {
    EXPECT_EQ(events_of("retry: 1500\n"), "id='' retry=1500");
    EXPECT_EQ(events_of("retry:0\n"), "id='' retry=0");
    EXPECT_EQ(events_of("retry: 007\nretry: 1"), "id='' held retry=7") << "an unfinished line is none yet";
    for (const auto bad : {"", ":", ": ", ":  5", ": 5 ", ": -5", ": +5", ": 5s", ": 0x5", ": 5.0"}) {
        EXPECT_EQ(events_of("retry: 20\nretry" + std::string(bad) + "\n"), "id='' retry=20") << bad;
    }
    EXPECT_EQ(events_of("data: a\nretry: 9\n\n"), "message|a|; id='' retry=9");
}

TEST(event_stream, retry_of_more_than_a_day_is_a_day) {
    for (const auto text : {"86400000", "86400001", "18446744073709551616", "99999999999999999999999999999999999999"}) {
        EXPECT_EQ(events_of("retry: " + std::string(text) + "\n"), "id='' retry=86400000") << text;
    }
    EXPECT_EQ(events_of("retry: 86399999\n"), "id='' retry=86399999");
    EXPECT_EQ(event_stream().retry(), std::nullopt);
}

TEST(event_stream, a_line_ends_in_lf_or_cr_or_both) {
    const auto expected = "t|a\nb|1; message|c|1; id='1' held";
    for (const auto end : {"\n", "\r", "\r\n"}) {
        std::string text;
        for (const auto line : {"event: t", "data: a", "data: b", "id: 1", "", "data: c", "", "", "data: d"}) {
            text.append(line).append(end);
        }
        EXPECT_EQ(events_of(text), expected) << testing::PrintToString(end);
    }
    EXPECT_EQ(events_of("event: t\r\ndata: a\ndata: b\rid: 1\r\n\rdata: c\n\r\n\rdata: d\r"), expected);
}

TEST(event_stream, cr_lf_is_one_ending_and_lf_cr_are_two) {
    EXPECT_EQ(events_of("data: a\r\ndata: b\r\n\r\n"), "message|a\nb|; id=''");
    EXPECT_EQ(events_of("data: a\n\rdata: b\n\r"), "message|a|; message|b|; id=''");
    EXPECT_EQ(events_of("data: a\r\r\ndata: b\r\n\n"), "message|a|; message|b|; id=''");
}

TEST(event_stream, an_event_that_ends_in_cr_does_not_wait_for_what_follows) {
    event_stream stream;
    std::string_view piece = "data: a\r\n\r";
    EXPECT_EQ(stream.next(piece), (event{"message", "a", ""}));
    EXPECT_EQ(piece, "");
    piece = "\ndata: b\n\ndata: c";
    EXPECT_EQ(stream.next(piece), (event{"message", "b", ""}));
    EXPECT_EQ(piece, "data: c");
    EXPECT_EQ(stream.next(piece), std::nullopt);
    EXPECT_EQ(piece, "");
}

TEST(event_stream, a_byte_order_mark_is_skipped_at_the_very_start_only) {
    const std::string mark = "\xEF\xBB\xBF";
    EXPECT_EQ(events_of(mark + "data: a\n\n"), "message|a|; id=''");
    EXPECT_EQ(events_of(mark + "\n" + mark + "data: a\n\n"), "id=''");
    EXPECT_EQ(events_of(mark + mark + "data: a\n\n"), "id=''");
    EXPECT_EQ(events_of(mark.substr(0, 2) + "data: a\n\n"), "id=''");
    EXPECT_EQ(events_of("data: " + mark + "a\n\n"), "message|" + mark + "a|; id=''");
    EXPECT_EQ(events_of(mark), "id=''") << "and is nothing of an event";
    EXPECT_EQ(events_of(mark + ": so"), "id=''");
}

TEST(event_stream, an_event_that_the_end_cuts_off_is_held_and_never_given_out) {
    EXPECT_EQ(events_of("data: a"), "id='' held");
    EXPECT_EQ(events_of("data: a\n"), "id='' held");
    EXPECT_EQ(events_of("event: a\n"), "id='' held");
    EXPECT_EQ(events_of("id: a\n"), "id='' held");
    EXPECT_EQ(events_of("id: 1\n\nid: 1\n"), "id='1' held");
    EXPECT_EQ(events_of("d"), "id='' held");
    EXPECT_EQ(events_of("data: a\n\n:keep-al"), "message|a|; id=''") << "half a comment is no loss";
    EXPECT_EQ(events_of("data: a\n: x"), "id='' held");
    EXPECT_EQ(events_of("data: a\n\nretry: 4\nx: y\n"), "message|a|; id='' retry=4");
}

TEST(event_stream, long_lines_are_read_whatever_their_ending) {
    const std::string a(1000, 'a'), b(300, 'b'), c(256, 'c');
    for (const std::string end : {"\n", "\r", "\r\n"}) {
        const std::string text =
            "data: " + a + end + "data:" + b + end + c + end + "data:" + c.substr(5) + end + end + ":" + a;
        EXPECT_EQ(support::events_whole(text, {}), "message|" + a + "\n" + b + "\n" + c.substr(5) + "|; id=''");
    }
}

TEST(event_stream, a_line_may_be_as_long_as_the_limit) {
    const event_limits ten{.line = 10};
    EXPECT_EQ(events_of("data: 7890\n\n", ten), "message|7890|; id=''");
    EXPECT_EQ(events_of("data: 7890\r\n\r\n", ten), "message|7890|; id=''");
    EXPECT_EQ(events_of("data: 7890", ten), "id='' held");
    const auto failed = "failed: a line of the event stream is longer than 10 bytes";
    EXPECT_EQ(events_of("data: 78901\n\n", ten), failed);
    EXPECT_EQ(events_of("data: 78901", ten), failed);
    EXPECT_EQ(events_of(": 345678901\n", ten), failed) << "a comment, too";
    EXPECT_EQ(events_of("data: a\n\ndata: 78901\n\ndata: b\n\n", ten), std::string("message|a|; ") + failed);
}

TEST(event_stream, an_event_may_be_as_large_as_the_limit) {
    const event_limits ten{.event = 10};
    EXPECT_EQ(events_of("event: 12\nid: 345\ndata: 6\ndata: 890\n\n", ten), "12|6\n890|345; id='345'");
    EXPECT_EQ(events_of("data: 1234567890\n\ndata: 1234567890\n\n", ten),
              "message|1234567890|; message|1234567890|; id=''");
    const auto failed = "failed: an event of the event stream is longer than 10 bytes";
    EXPECT_EQ(events_of("event: 12\nid: 345\ndata: 6\ndata: 8901\n\n", ten), failed);
    EXPECT_EQ(events_of("data: 6\ndata: 8901\nid: 3456\nevent: 7", ten), "id='' held");
    EXPECT_EQ(events_of("data: 6\ndata: 8901\nid: 3456\nevent: 7\n", ten), failed);
    EXPECT_EQ(events_of("data: a\n\ndata: 12345678901\n", ten), std::string("message|a|; ") + failed);
}

TEST(event_stream, by_default_a_mebibyte_is_the_limit_of_both) {
    const std::string mebibyte(1 << 20, 'x');
    EXPECT_EQ(support::events_whole(mebibyte + "\n", {}), "id=''");
    EXPECT_EQ(support::events_whole(mebibyte + "x\n", {}),
              "failed: a line of the event stream is longer than 1048576 bytes");
    const std::string lines =
        "data:" + mebibyte.substr(0, 1 << 19) + "\ndata:" + mebibyte.substr(0, (1 << 19) - 1) + "\n";
    EXPECT_EQ(support::events_whole(lines, {}), "id='' held");
    EXPECT_EQ(support::events_whole(lines + "data\n", {}),
              "failed: an event of the event stream is longer than 1048576 bytes");
}

TEST(event_stream, once_failed_it_takes_nothing_more) {
    event_stream stream({.line = 7});
    std::string_view piece = "data: ab\n\ndata: c\n\n";
    EXPECT_EQ(stream.next(piece), std::nullopt);
    EXPECT_EQ(piece, "");
    const std::string words = stream.problem();
    piece = "\n\ndata: c\n\n";
    EXPECT_EQ(stream.next(piece), std::nullopt);
    EXPECT_EQ(piece, "");
    EXPECT_TRUE(stream.failed());
    EXPECT_EQ(stream.problem(), words);
}

}  // namespace
}  // namespace dbxapps::apps
