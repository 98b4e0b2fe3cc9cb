#include <net/answer_parser.hpp>

#include <support/answer_feeder.hpp>

#include <gtest/gtest.h>

namespace dbxapps::net {
namespace {

using namespace std::string_view_literals;
using state = answer_parser::state;
using namespace support;

constexpr feeding clean{ending::clean, false, {}};
constexpr feeding unclean{ending::unclean, false, {}};
constexpr feeding to_head{ending::open, true, {}};
const std::string ok = "HTTP/1.1 200 OK\r\n";
const std::string chunked = ok + "Transfer-Encoding: chunked\r\n\r\n";

// What an outcome has to begin with.
void expect(std::string_view text, std::string_view outcome, const feeding& how = {}) {
    const std::string came = outcome_of(text, how);
    EXPECT_TRUE(came.starts_with(outcome)) << testing::PrintToString(text.substr(0, 300))
                                           << "\ncame:   " << came.substr(0, 300) << "\nwanted: " << outcome;
}
void expect_bad(std::string_view text, std::string_view words = "") {
    expect(text, "failed bad_response: the answer " + std::string(words), clean);
}

TEST(answer_parser, a_body_is_as_long_as_it_says) {
    expect(ok + "Content-Length: 5\r\n\r\nhello", "200 keep 'hello' Content-Length: 5|");
    expect(ok + "Content-Length: 0\r\n\r\n", "200 keep '' ");
    expect(ok + "content-length:\t005 \r\n\r\nhello", "200 keep 'hello' ");
    expect("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n\r\n", "404 keep '\r\n' ");
    expect("HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", "200 keep '' ");
    expect(ok + "Content-Length: 4\r\n\r\n\0\xff\r\n"sv.data(), "more");
    EXPECT_EQ(outcome_of(ok + "Content-Length: 4\r\n\r\n" + std::string("\0\xff\r\n", 4)),
              "200 keep '" + std::string("\0\xff\r\n", 4) + "' Content-Length: 4|");
}

TEST(answer_parser, an_answer_that_is_not_whole_is_waited_for) {
    const std::string text = ok + "Content-Length: 5\r\n\r\nhello";
    for (std::size_t size = 0; size < text.size(); ++size)
        expect(text.substr(0, size), "more");
    const std::string in_chunks = chunked + "5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n";
    for (std::size_t size = 0; size < in_chunks.size(); ++size)
        expect(in_chunks.substr(0, size), "more");
}

TEST(answer_parser, an_answer_that_is_cut_short_is_lost_with_the_place) {
    const std::string text = ok + "Content-Length: 5\r\n\r\nhello";
    for (const feeding& how : {clean, unclean}) {
        for (std::size_t size = 0; size < text.size(); ++size) {
            const auto body = static_cast<std::ptrdiff_t>(size) - static_cast<std::ptrdiff_t>(text.size() - 5);
            expect(text.substr(0, size),
                   body < 0 ? "failed connection_lost: the connection ended before the answer's head was complete"
                            : "failed connection_lost: the connection ended after " + std::to_string(body) +
                                  " of 5 bytes of the body",
                   how);
        }
        for (const auto* part :
             {"", "5", "5\r\n", "5\r\nhel", "5\r\nhello", "5\r\nhello\r", "5\r\nhello\r\n", "5\r\nhello\r\n0",
              "5\r\nhello\r\n0\r\n", "0", "0\r", "0\r\n", "0\r\n\r", "0\r\nX: y\r\n", "000\r\n\r", "5;a=\"b"}) {
            expect(chunked + part, "failed connection_lost: the connection ended inside a chunked body, after ", how);
        }
    }
    expect(chunked + "5\r\nhello\r\n3\r\nab",
           "failed connection_lost: the connection ended inside a chunked body, after 7 bytes", clean);
    expect("HTTP/1.1 100 Continue\r\n\r\n", "failed connection_lost: the connection ended before the answer's head",
           clean);
}

TEST(answer_parser, chunks_are_joined) {
    expect(chunked + "0\r\n\r\n", "200 keep '' Transfer-Encoding: chunked|");
    expect(chunked + "5\r\nhello\r\n0\r\n\r\n", "200 keep 'hello' ");
    expect(chunked + "1\r\na\r\n1\r\nb\r\n1\r\n\r\r\n000\r\n\r\n", "200 keep 'ab\r' ");
    expect(chunked + "A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n", "200 keep '01234567890123456789' ");
    expect(chunked + "00000000000000000000000000001\r\na\r\n0000000\r\n\r\n", "200 keep 'a' ");
    expect(chunked + "5\r\n0\r\n\r\n\r\n0\r\n\r\n", "200 keep '0\r\n\r\n' ");
    expect(ok + "transfer-encoding:\tCHUNKED \r\n\r\n1\r\na\r\n0\r\n\r\n", "200 keep 'a' ");
}

TEST(answer_parser, chunk_extensions_are_passed_over) {
    expect(chunked + "5;a=b;c=\"d;\\\"\r x\" ; e\r\nhello\r\n0;last\r\n\r\n", "failed bad_response", clean);
    expect(chunked + "5;a=b;c=\"d;\\\" x\" ; e\r\nhello\r\n0;last\r\n\r\n", "200 keep 'hello' ");
    expect(chunked + "5 ;a\r\nhello\r\n0\r\n\r\n", "200 keep 'hello' ");
    for (const auto* bad :
         {"5;\r\nhello", "5 \r\nhello", "5;a=\r\nhello", "5 a\r\nhello", "5;=b\r\nhello", "5,a\r\nhello"}) {
        expect_bad(chunked + bad + "\r\n0\r\n\r\n", "breaks the rules of HTTP/1.1: ");
    }
    expect_bad(chunked + "5;a=\"b\r\nhello\r\n0\r\n\r\n", "breaks the rules of HTTP/1.1: ");
    expect_bad(chunked + "5;a=\"b\r\nhello\r\n0;\"\r\n\r\n", "breaks the rules of HTTP/1.1: ");
}

TEST(answer_parser, trailers_are_passed_over_and_change_nothing) {
    expect(chunked + "1\r\na\r\n0\r\nX: y\r\nSet-Cookie: z\r\n\r\n", "200 keep 'a' Transfer-Encoding: chunked|");
    EXPECT_EQ(outcome_of(chunked + "0\r\nX: y\r\n\r\n"), "200 keep '' Transfer-Encoding: chunked|");
    for (const auto* bad : {"Content-Length: 5", "Transfer-Encoding: chunked", "X y", "X : y", ": y"}) {
        expect_bad(chunked + "0\r\n" + bad + "\r\n\r\n", "breaks the rules of HTTP/1.1: ");
    }
}

TEST(answer_parser, chunks_that_are_none_are_refused) {
    for (const auto body :
         {"\r\n\r\n"sv, "x\r\n\r\n"sv, "-1\r\na\r\n0\r\n\r\n"sv, "+1\r\na\r\n0\r\n\r\n"sv, " 1\r\na\r\n0\r\n\r\n"sv,
          "0x1\r\na\r\n0\r\n\r\n"sv, "1\na\n0\n\n\r\n"sv, "1\r\nab\r\n0\r\n\r\n"sv, "2\r\na\r\n0\r\n\r\n"sv,
          "1\r\na0\r\n\r\n"sv, "1\r\na\n0\r\n\r\n"sv, "1\r\ra\r\n0\r\n\r\n"sv, "1g\r\na\r\n0\r\n\r\n"sv, ";a\r\n\r\n"sv,
          "11111111111111111\r\na\r\n0\r\n\r\n"sv, "1\r\na\r\n0\rx\r\n\r\n"sv, "<html>\r\n</html>\r\n\r\n"sv}) {
        expect_bad(chunked + std::string(body), "breaks the rules of HTTP/1.1: ");
    }
}

TEST(answer_parser, a_body_without_a_length_lasts_until_a_clean_end) {
    expect(ok + "\r\nhello", "more");
    expect(ok + "\r\nhello", "200 close 'hello' ", clean);
    expect(ok + "Connection: keep-alive\r\n\r\n", "200 close '' ", clean);
    expect("HTTP/1.0 200 OK\r\n\r\nhello", "200 close 'hello' ", clean);
    for (const auto* body : {"", "hello"}) {
        expect(ok + "\r\n" + body,
               "failed connection_lost: the connection broke off in a body that only its end delimits", unclean);
    }
}

TEST(answer_parser, answers_to_head_and_204_and_304_have_no_body) {
    for (const auto* fields :
         {"", "Content-Length: 5\r\n", "Content-Length: 99999999999\r\n", "Transfer-Encoding: chunked\r\n"}) {
        expect(ok + fields + "\r\n", "200 keep '' ", to_head);
        expect(ok + fields + "Connection: close\r\n\r\n", "200 close '' ", to_head);
        const char* const kept = *fields == '\0' ? "204 keep '' " : "204 close '' ";
        expect("HTTP/1.1 204 No Content\r\n" + std::string(fields) + "\r\n", kept);
        expect("HTTP/1.1 304 Not Modified\r\n" + std::string(fields) + "\r\n", "304 keep '' ");
    }
    expect("HTTP/1.1 100 Continue\r\n\r\n" + ok + "Content-Length: 5\r\n\r\n", "200 keep '' ", to_head);
    expect("HTTP/1.1 205 Reset Content\r\n\r\n", "more");
}

TEST(answer_parser, interim_answers_are_skipped_with_all_they_say) {
    const std::string hints =
        "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\nContent-Length: 9\r\nConnection: close\r\n\r\n";
    EXPECT_EQ(outcome_of("HTTP/1.1 100 Continue\r\n\r\n" + hints + "HTTP/1.1 199 X\r\n\r\n" + ok +
                         "Content-Length: 2\r\nB: 1\r\n\r\nhi"),
              "200 keep 'hi' Content-Length: 2|B: 1|");
    expect(hints, "more");
}

TEST(answer_parser, interim_answers_without_end_are_refused) {
    std::string many;
    for (int i = 0; i < 16; ++i)
        many += "HTTP/1.1 100 Continue\r\n\r\n";
    expect(many + ok + "Content-Length: 0\r\n\r\n", "200 keep '' ");
    expect_bad(many + "HTTP/1.1 102 Processing\r\n\r\n", "sends interim answers without end");
    expect_bad("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n",
               "switches protocols, which nobody asked for");
}

TEST(answer_parser, a_status_is_three_digits_from_100) {
    for (const auto* status : {"000", "001", "099"}) {
        for (const auto* fields : {"", "Content-Length: 0\r\n"}) {
            expect_bad("HTTP/1.1 " + std::string(status) + " X\r\n" + fields + "\r\n", "has a status below 100");
        }
    }
    expect("HTTP/1.1 999 X\r\nContent-Length: 0\r\n\r\n", "999 keep '' ");
    for (const auto* status : {"20", "2000", "2x0", "-20", " 200", "", "abc", "200\t"}) {
        expect_bad("HTTP/1.1 " + std::string(status) + " OK\r\n\r\n", "is not HTTP/1.1: ");
    }
}

TEST(answer_parser, framing_that_can_be_read_in_two_ways_is_refused) {
    expect_bad(ok + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    expect_bad(ok + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n");
    expect_bad(ok + "transfer-encoding: chunked\r\nX: y\r\ncontent-length: 0\r\n\r\n0\r\n\r\n");
    expect_bad(ok + "Content-Length: 5\r\nTransfer-Encoding: gzip\r\n\r\nhello");
    expect_bad(ok + "Transfer-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
               "has a Transfer-Encoding other than chunked");
    for (const auto* coding : {"gzip", "gzip, chunked", "chunked, gzip", "identity", "", "chunked;q=1", "xchunked",
                               "chunked,", ",chunked", "\"chunked\"", "chunked chunked", "chunked, chunked"}) {
        expect_bad(ok + "Transfer-Encoding: " + coding + "\r\n\r\n0\r\n\r\n",
                   "has a Transfer-Encoding other than chunked");
    }
    expect_bad(ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    expect_bad(ok + "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    expect_bad(ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n\r\n0\r\n\r\n");
    expect_bad(ok +
               "Transfer-Encoding:\x0b"
               "chunked\r\n\r\n0\r\n\r\n");
    expect_bad(ok + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n");
}

TEST(answer_parser, lengths_have_to_agree_and_to_be_numbers) {
    expect(ok + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", "200 keep 'hello' ");
    expect(ok + "Content-Length: 5, 5\r\n\r\nhello", "200 keep 'hello' ");
    expect_bad(ok + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", "breaks the rules of HTTP/1.1: ");
    for (const auto* length : {"5, 6", "", "-5", "+5", "5 5", "0x5", "5.0", "5e0", "five", "5,", ",5",
                               "18446744073709551616", "99999999999999999999999", "5;x"}) {
        expect_bad(ok + "Content-Length: " + length + "\r\n\r\nhello", "breaks the rules of HTTP/1.1: ");
    }
}

TEST(answer_parser, what_is_not_http_is_noticed_at_its_first_wrong_byte) {
    for (const auto text :
         {"<html></html>\r\n\r\n"sv, "SSH-2.0-OpenSSH_9.2\r\n"sv, "\x15\x03\x03\x00\x02\x02\x28"sv, "\0\0\0"sv,
          "\r\n"sv, " "sv, "http/1.1 200 OK\r\n\r\n"sv, "HTTP/2.0 200 OK\r\n\r\n"sv, "HTTP/0.9 200 OK\r\n\r\n"sv,
          "HTTPS/1.1 200 OK\r\n\r\n"sv, "ICY 200 OK\r\n\r\n"sv, "hello"sv, "GET / HTTP/1.1\r\n\r\n"sv}) {
        expect_bad(text, "is not HTTP/1.1: ");
    }
    for (const auto* text : {"x", "HTTX", "HTTP/2", "HTTP/1,"}) {
        expect(text, "failed bad_response: the answer is not HTTP/1.1: ");  // without waiting for more
    }
    for (const auto* text :
         {"HTTP/1.2 200 OK\r\n\r\n", "HTTP/1.x 200 OK\r\n\r\n", "HTTP/1.1200 OK\r\n\r\n", "HTTP/1.1  200 OK\r\n\r\n",
          "HTTP/1.1\r\n\r\n", "HTTP/1.1 \r\n\r\n", "HTTP/1.1 200\r\n\r\n", "HTTP/1.1 200OK\r\n\r\n",
          "HTTP/1.1\t200 OK\r\n\r\n", "HTTP/1.1 200 O\x01K\r\n\r\n"}) {
        expect_bad(text, "is not HTTP/1.1: ");
    }
}

TEST(answer_parser, lines_end_with_cr_and_lf) {
    for (const auto* text :
         {"HTTP/1.1 200 OK\n", "HTTP/1.1 200 OK\r\nA: b\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\n"}) {
        expect(text, "failed bad_response: the answer ");  // without waiting for more
    }
    expect_bad(ok + "A: b\rC: d\r\nContent-Length: 0\r\n\r\n", "breaks the rules of HTTP/1.1: ");
    expect_bad(ok + "A: b\r\r\nContent-Length: 0\r\n\r\n", "breaks the rules of HTTP/1.1: ");
}

TEST(answer_parser, fields_that_are_none_are_refused) {
    for (const auto field : {"no colon"sv, ": no name"sv, "A : b"sv, "A B: c"sv, "A\t: b"sv, "\x80: b"sv, "A: b\0c"sv,
                             "A: b\x7f"sv, "A: \x01"sv, "(A): b"sv}) {
        expect_bad(ok + std::string(field) + "\r\nContent-Length: 0\r\n\r\n", "breaks the rules of HTTP/1.1: ");
        expect_bad(ok + "X: y\r\n" + std::string(field) + "\r\nContent-Length: 0\r\n\r\n",
                   "breaks the rules of HTTP/1.1: ");
    }
    expect_bad(ok + " A: b\r\nContent-Length: 0\r\n\r\n", "breaks the rules of HTTP/1.1: ");
}

TEST(answer_parser, fields_come_in_order_and_folded_ones_in_one_line) {
    EXPECT_EQ(outcome_of(ok + "B: 1\r\nA: 2\r\nb: 3\r\nEmpty:\r\nContent-Length: 0\r\nz-\xff: no\r\n\r\n", clean)
                  .substr(0, 19),
              "failed bad_response");
    EXPECT_EQ(outcome_of(ok + "B: 1\r\nA:2\r\nb:\t3 \r\nEmpty:\r\nContent-Length: 0\r\nU: \xc3\xa9\r\n\r\n"),
              "200 keep '' B: 1|A: 2|b: 3|Empty: |Content-Length: 0|U: \xc3\xa9|");
    EXPECT_EQ(outcome_of(ok + "A: one\r\n two\r\n\t \tthree \r\nContent-Length: 0\r\n\r\n"),
              "200 keep '' A: one two three|Content-Length: 0|");
    EXPECT_EQ(outcome_of(ok + "Content-Length:\r\n 5\r\n\r\nhello"), "200 keep 'hello' Content-Length: 5|");
    expect_bad(ok + "Transfer-Encoding: x\r\n chunked\r\n\r\n0\r\n\r\n", "has a Transfer-Encoding other than chunked");
}

TEST(answer_parser, a_connection_is_kept_by_version_and_by_what_both_sides_said) {
    constexpr struct {
        std::string_view version, field, kept;
    } rows[] = {
        {"1.1", "", "keep"},
        {"1.1", "Connection: keep-alive\r\n", "keep"},
        {"1.1", "Connection: close\r\n", "close"},
        {"1.1", "connection: CLOSE\r\n", "close"},
        {"1.1", "Connection: x, close , y\r\n", "close"},
        {"1.1", "Connection: keep-alive, close\r\n", "close"},
        {"1.1", "Connection: keep-alive\r\nConnection: close\r\n", "close"},
        {"1.1", "Connection: closed\r\n", "keep"},
        {"1.1", "X: close\r\n", "keep"},
        {"1.0", "", "close"},
        {"1.0", "Connection: keep-alive\r\n", "keep"},
        {"1.0", "Connection: Keep-Alive\r\n", "keep"},
        {"1.0", "Connection: close\r\n", "close"},
        {"1.0", "Connection: keep-alive, close\r\n", "close"},
        {"1.0", "Connection: close\r\nConnection: keep-alive\r\n", "close"},
    };
    for (const auto& [version, field, kept] : rows) {
        const std::string line = "HTTP/" + std::string(version) + " 200 OK\r\n";
        expect(line + std::string(field) + "Content-Length: 1\r\n\r\nx", "200 " + std::string(kept) + " 'x' ");
    }
    expect("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "200 close '' ");
    expect("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n0\r\n\r\n", "200 close '' ");
}

}  // namespace
}  // namespace dbxapps::net
