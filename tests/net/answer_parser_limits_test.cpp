#include <net/answer_parser.hpp>

#include <support/answer_feeder.hpp>

#include <gtest/gtest.h>

namespace dbxapps::net {
namespace {

using state = answer_parser::state;
using namespace support;

const std::string ok = "HTTP/1.1 200 OK\r\n";
const std::string chunked = ok + "Transfer-Encoding: chunked\r\n\r\n";
constexpr feeding small{ending::clean, false, {1024, 1000}};
constexpr auto head_too_large =
    "failed response_too_large: the answer's head, or a line or the trailers of its chunks, is over "
    "1024 bytes (client_options::max_head)";
constexpr auto body_too_large =
    "failed response_too_large: the answer's body is over 1000 bytes (client_options::max_body)";

std::string ended(const std::string& outcome) { return outcome.substr(0, outcome.find('\'')); }

// A head of exactly that many bytes.
std::string head_of(std::size_t size) {
    const std::string begin = ok + "Content-Length: 0\r\nX: ", end = "\r\n\r\n";
    return begin + std::string(size - begin.size() - end.size(), 'x') + end;
}

// How much of something endless is read before it is refused.
std::size_t swallowed(std::string begin, const std::string& more, const feeding& how) {
    answer_parser parser;
    parser.start(how.answers_head, how.limits);
    std::size_t total = begin.size();
    state now = parser.feed(begin.data(), begin.size());
    for (; now == state::more && total < (1u << 22); total += more.size())
        now = parser.feed(more.data(), more.size());
    EXPECT_EQ(now, state::failed) << "swallowed " << total << " bytes of " << more;
    EXPECT_TRUE(parser.why().is(errc::response_too_large)) << parser.why().detail;
    return total;
}

TEST(answer_parser_limits, a_head_may_be_as_large_as_the_limit_and_no_byte_larger) {
    EXPECT_EQ(ended(outcome_of(head_of(1023), small)), "200 keep ");
    EXPECT_EQ(ended(outcome_of(head_of(1024), small)), "200 keep ");
    EXPECT_EQ(outcome_of(head_of(1025), small), head_too_large);
    EXPECT_EQ(outcome_of(head_of(2000), small), head_too_large);
}

TEST(answer_parser_limits, a_head_counts_as_a_whole_and_not_by_its_fields) {
    std::string many = ok + "Content-Length: 0\r\n";
    while (many.size() < 1100)
        many += "A: b\r\n";
    EXPECT_EQ(outcome_of(many + "\r\n", small), head_too_large);
    EXPECT_EQ(ended(outcome_of("HTTP/1.1 103 X\r\nA: " + std::string(900, 'x') + "\r\n\r\n" + head_of(1000), small)),
              "200 keep ")
        << "interim heads count by themselves";
    EXPECT_EQ(outcome_of("HTTP/1.1 103 X\r\nA: " + std::string(1100, 'x') + "\r\n\r\n" + head_of(1000), small),
              head_too_large);
}

TEST(answer_parser_limits, a_head_of_a_mebibyte_is_refused_by_default) {
    const std::string large = ok + "X: " + std::string(1u << 20, 'x') + "\r\n\r\n";
    EXPECT_EQ(outcome_whole(large, {}),
              "failed response_too_large: the answer's head, or a line or the trailers of its chunks, "
              "is over 65536 bytes (client_options::max_head)");
    EXPECT_EQ(outcome_by_byte(large, {}), outcome_whole(large, {}));
    feeding wide;
    wide.limits.head = 2u << 20;
    EXPECT_EQ(ended(outcome_by_byte(head_of(1u << 20), wide)), "200 keep ");
    EXPECT_EQ(outcome_whole(head_of(1u << 20), wide), outcome_by_byte(head_of(1u << 20), wide));
}

TEST(answer_parser_limits, what_never_ends_is_refused_soon_after_the_limit) {
    for (const std::string piece : {"x", "xyz", "0123456789"}) {
        EXPECT_LE(swallowed(ok + "X: ", piece, small), 1024 + piece.size()) << "a field without a line end";
        EXPECT_LE(swallowed("HTTP/1.1 200 ", piece, small), 1024 + piece.size()) << "a reason without a line end";
    }
    EXPECT_LE(swallowed(ok, "A: b\r\n", small), 1030U) << "fields without end";
    // Cut so that each piece ends within three bytes of a new field.
    EXPECT_LE(swallowed(ok + "ab", ": v\r\nab", small), 1040U) << "fields without end, oddly cut";
    EXPECT_LE(swallowed(ok + "A: b", "\r\n folded", small), 1040U) << "a folded field without end";
    for (const std::string body : {"", "5\r\nhello\r\n"}) {
        const std::size_t before = chunked.size() + body.size();
        EXPECT_LE(swallowed(chunked + body + "5", ";a=b", small), before + 1040) << "extensions without end";
        EXPECT_LE(swallowed(chunked + body + "5;a=\"", "x", small), before + 1040) << "an extension without end";
        EXPECT_LE(swallowed(chunked + body, "0", small), before + 1040) << "a size without end";
        EXPECT_LE(swallowed(chunked + body + "0\r\n", "A: b\r\n", small), before + 1040) << "trailers without end";
        EXPECT_LE(swallowed(chunked + body + "0\r\nab", ": v\r\nab", small), before + 1040)
            << "trailers without end, oddly cut";
    }
    EXPECT_LE(swallowed(ok + "\r\n", "hello", small), ok.size() + 1010) << "a body without end";
    EXPECT_LE(swallowed(chunked, "1\r\na\r\n", small), chunked.size() + 6 * 1001) << "chunks without end";
    EXPECT_LE(swallowed(chunked, "1;" + std::string(900, 'x') + "\r\na\r\n", small), chunked.size() + 1001 * 910U);
}

TEST(answer_parser_limits, what_stands_around_chunks_is_limited_like_a_head) {
    const auto with_extension = [](std::size_t size) {
        return chunked + "1;" + std::string(size, 'x') + "\r\na\r\n0\r\n\r\n";
    };
    EXPECT_EQ(ended(outcome_of(with_extension(1020), small)), "200 keep ");
    EXPECT_EQ(outcome_of(with_extension(1021), small), head_too_large);
    EXPECT_EQ(outcome_of(with_extension(100000), small), head_too_large);
    const auto with_trailer = [](std::size_t size) {
        return chunked + "1\r\na\r\n0\r\nX: " + std::string(size, 'x') + "\r\n\r\n";
    };
    EXPECT_EQ(ended(outcome_of(with_trailer(1012), small)), "200 keep ");
    EXPECT_EQ(outcome_of(with_trailer(1013), small), head_too_large);
    EXPECT_EQ(outcome_of(with_trailer(100000), small), head_too_large);
    EXPECT_EQ(outcome_of(chunked + std::string(100000, '0') + "1\r\na\r\n0\r\n\r\n", small), head_too_large);
}

TEST(answer_parser_limits, a_body_may_be_as_large_as_the_limit_and_no_byte_larger) {
    const std::string body(1000, 'x');
    const auto sized = [](const std::string& bytes) {
        return ok + "Content-Length: " + std::to_string(bytes.size()) + "\r\n\r\n" + bytes;
    };
    EXPECT_EQ(outcome_of(sized(body), small), "200 keep '" + body + "' Content-Length: 1000|");
    EXPECT_EQ(outcome_of(sized(body + "x"), small), body_too_large);
    EXPECT_EQ(outcome_of(chunked + "3E8\r\n" + body + "\r\n0\r\n\r\n", small),
              "200 keep '" + body + "' Transfer-Encoding: chunked|");
    EXPECT_EQ(outcome_of(chunked + "3E8\r\n" + body + "\r\n1\r\nx\r\n0\r\n\r\n", small), body_too_large);
    EXPECT_EQ(outcome_of(chunked + "1\r\nx\r\n3E8\r\n" + body + "\r\n0\r\n\r\n", small), body_too_large);
    EXPECT_EQ(outcome_of(chunked + "3E9\r\n" + body + "x\r\n0\r\n\r\n", small), body_too_large);
    EXPECT_EQ(outcome_of(chunked + "FFFFFFFFFFFFFFFF\r\nx", small), body_too_large);
    EXPECT_EQ(outcome_of(ok + "\r\n" + body, small), "200 close '" + body + "' ");
    EXPECT_EQ(outcome_of(ok + "\r\n" + body + "x", small), body_too_large);
}

TEST(answer_parser_limits, a_promised_body_over_the_limit_is_refused_before_it_comes) {
    EXPECT_EQ(outcome_of(ok + "Content-Length: 1001\r\n\r\n", small), body_too_large);
    EXPECT_EQ(outcome_of(ok + "Content-Length: 18446744073709551615\r\n\r\n", small), body_too_large);
    feeding to_head = small;
    to_head.answers_head = true;
    EXPECT_EQ(ended(outcome_of(ok + "Content-Length: 18446744073709551615\r\n\r\n", to_head)), "200 keep ");
}

TEST(answer_parser_limits, no_body_at_all_may_be_allowed) {
    const feeding nothing{ending::clean, false, {1024, 0}};
    EXPECT_EQ(ended(outcome_of(ok + "Content-Length: 0\r\n\r\n", nothing)), "200 keep ");
    EXPECT_TRUE(outcome_of(ok + "Content-Length: 1\r\n\r\nx", nothing).starts_with("failed response_too_large"));
    EXPECT_TRUE(outcome_of(ok + "\r\nx", nothing).starts_with("failed response_too_large"));
}

TEST(answer_parser_limits, memory_is_not_taken_on_a_mere_promise) {
    answer_parser parser;
    parser.start(false, {1024, ~std::uint64_t{0}});
    const std::string text = ok + "Content-Length: 18446744073709551615\r\n\r\nx";
    EXPECT_EQ(parser.feed(text.data(), text.size()), state::more);
    EXPECT_LE(parser.take().body().capacity(), (1u << 20) + 64);
}

}  // namespace
}  // namespace dbxapps::net
