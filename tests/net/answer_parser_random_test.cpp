#include <net/answer_parser.hpp>

#include <support/answer_feeder.hpp>

#include <gtest/gtest.h>

namespace dbxapps::net {
namespace {

using namespace std::string_view_literals;
using state = answer_parser::state;
using namespace support;

const std::string ok = "HTTP/1.1 200 OK\r\n";

state feed(answer_parser& parser, std::string_view text) { return parser.feed(text.data(), text.size()); }

TEST(answer_parser_life, one_parser_reads_one_answer_after_another) {
    answer_parser parser;
    for (int round = 0; round < 3; ++round) {
        parser.start(false, {});
        EXPECT_FALSE(parser.started());
        EXPECT_EQ(feed(parser, ""), state::more);
        EXPECT_FALSE(parser.started());
        EXPECT_EQ(feed(parser, "H"), state::more);
        EXPECT_TRUE(parser.started());
        EXPECT_EQ(feed(parser, ok.substr(1) + "A: b\r\nContent-Length: 2\r\n\r\nhi"), state::complete);
        EXPECT_TRUE(parser.keep_alive());
        EXPECT_FALSE(parser.stray_bytes());
        const response r = parser.take();
        EXPECT_EQ(r.status(), 200);
        EXPECT_EQ(r.body(), "hi");
        EXPECT_EQ(r.header_count(), 2U);
        EXPECT_TRUE(parser.keep_alive()) << "known still, once the answer is taken";
    }
}

TEST(answer_parser_life, nothing_is_left_of_what_came_before) {
    answer_parser parser;
    for (const auto before :
         {"HTTP/1.1 200 OK\r\nContent-Len"sv, "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf"sv, "garbage"sv,
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a"sv,
          "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxSTRAY"sv, "HTTP/1.1 100 Continue\r\n\r\nHTTP"sv,
          "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"sv}) {
        parser.start(true, {20, 1});
        feed(parser, before);
        parser.start(false, {});
        feed(parser, before);
        parser.start(false, {});
        EXPECT_FALSE(parser.started());
        EXPECT_FALSE(parser.stray_bytes());
        EXPECT_FALSE(parser.keep_alive());
        EXPECT_EQ(feed(parser, ok + "Content-Length: 2\r\n\r\nhi"), state::complete);
        EXPECT_TRUE(parser.keep_alive());
        EXPECT_FALSE(parser.stray_bytes());
        const response r = parser.take();
        EXPECT_EQ(r.body(), "hi");
        EXPECT_EQ(r.header_count(), 1U);
    }
}

TEST(answer_parser_life, an_answer_can_be_taken_once) {
    answer_parser parser;
    parser.start(false, {});
    ASSERT_EQ(feed(parser, ok + "Content-Length: 2\r\n\r\nhi"), state::complete);
    EXPECT_EQ(parser.take().status(), 200);
    const response again = parser.take();
    EXPECT_EQ(again.status(), 0);
    EXPECT_EQ(again.header_count(), 0U);
    EXPECT_EQ(again.body(), "");
}

TEST(answer_parser_life, bytes_beyond_the_answer_are_told_of) {
    const std::pair<std::string, bool> rows[] = {
        {ok + "Content-Length: 2\r\n\r\nhi", false},
        {ok + "Content-Length: 2\r\n\r\nhi\r\n", true},
        {ok + "Content-Length: 2\r\n\r\nhi!", true},
        {ok + "Content-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n", true},
        {ok + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", false},
        {ok + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nx", true},
        {"HTTP/1.1 204 No Content\r\n\r\n", false},
        {"HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nhi", true},
        {"HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\nhi", true},
        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", false},
    };
    for (const auto& [text, stray] : rows) {
        answer_parser parser;
        parser.start(false, {});
        EXPECT_EQ(feed(parser, text), state::complete) << text;
        EXPECT_EQ(parser.stray_bytes(), stray) << text;
    }
    answer_parser parser;
    parser.start(true, {});
    EXPECT_EQ(feed(parser, ok + "Content-Length: 2\r\n\r\nhi"), state::complete);
    EXPECT_TRUE(parser.stray_bytes()) << "a body that an answer to HEAD must not have";
}

class random_answers {
public:
    explicit random_answers(unsigned seed) : random_(seed) {}

    std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }
    bool one_in(std::size_t n) { return below(n) == 0; }
    std::mt19937& engine() { return random_; }
    std::string bytes(std::size_t size) {
        std::string out(size, '\0');
        for (char& c : out)
            c = one_in(3) ? "\r\n0:; \0\xff"[below(8)] : static_cast<char>('a' + below(26));
        return out;
    }
    std::string word() { return std::string(1 + below(12), static_cast<char>('a' + below(26))); }

    // An answer, how its connection ends, and the outcome that it has to have.
    struct made {
        std::string text, outcome;
        feeding how;
    };
    made make() {
        made m;
        for (std::size_t i = below(3); i > 0; --i)
            m.text += "HTTP/1.1 10" + std::to_string(2 + below(8)) + " X\r\n" + fields() + "\r\n";
        told_.clear();
        m.text += "HTTP/1.1 200 " + word() + "\r\n" + fields();
        const std::string body = bytes(one_in(8) ? 5000 : below(40));
        const std::size_t framing = below(3);
        if (framing == 0) m.text += tell("Content-Length", std::to_string(body.size())) + "\r\n" + body;
        if (framing == 1) m.text += tell("Transfer-Encoding", "chunked") + "\r\n" + in_chunks(body);
        if (framing == 2) m.text += "\r\n" + body;
        m.how.end = framing == 2 || one_in(2) ? ending::clean : ending::open;
        m.outcome = std::string("200 ") + (framing == 2 ? "close '" : "keep '") + body + "' " + told_;
        return m;
    }

private:
    std::string tell(const std::string& name, const std::string& value) {
        told_ += name + ": " + value + "|";
        return name + ":" + std::string(below(3), ' ') + value + std::string(below(2), '\t') + "\r\n";
    }
    std::string fields() {
        std::string out;
        for (std::size_t i = below(5); i > 0; --i)
            out += tell("X-" + word(), one_in(4) ? "" : word() + " " + word());
        return out;
    }
    std::string in_chunks(std::string_view body) {
        std::string out;
        while (!body.empty()) {
            const auto part = body.substr(0, 1 + below(body.size()));
            body.remove_prefix(part.size());
            char size[20];
            std::snprintf(size, sizeof size, one_in(2) ? "%zx" : "%04zX", part.size());
            out += size + (one_in(3) ? ";" + word() + "=\"" + word() + "\"" : std::string()) + "\r\n";
            out.append(part).append("\r\n");
        }
        out += one_in(3) ? "0;" + word() + "\r\n" : "0\r\n";
        if (one_in(3)) out += "T-" + word() + ": " + word() + "\r\n";
        return out + "\r\n";
    }

    std::mt19937 random_;
    std::string told_;
};

TEST(answer_parser_random, proper_answers_are_read_however_they_are_cut) {
    random_answers answers(1);
    for (int round = 0; round < 1500; ++round) {
        const auto m = answers.make();
        ASSERT_EQ(outcome_whole(m.text, m.how), m.outcome) << round;
        ASSERT_EQ(outcome_by_byte(m.text, m.how), m.outcome) << round;
        for (const std::size_t largest : {3u, 20u, 500u}) {
            ASSERT_EQ(outcome_in_pieces(m.text, m.how, answers.engine(), largest), m.outcome) << round;
        }
    }
}

TEST(answer_parser_random, spoilt_answers_end_alike_however_they_are_cut) {
    random_answers answers(2);
    int whole_ones = 0, refused = 0;
    for (int round = 0; round < 20000; ++round) {
        auto [text, proper, how] = answers.make();
        how.end = answers.one_in(2) ? ending::clean : ending::unclean;
        how.limits = {answers.one_in(4) ? 100u : 1u << 16, answers.one_in(4) ? 20u : 1u << 20};
        for (std::size_t edits = 1 + answers.below(3); edits > 0; --edits) {
            const std::size_t at = answers.below(std::min<std::size_t>(text.size(), 400));
            if (answers.one_in(3))
                text.insert(at, answers.bytes(1 + answers.below(3)));
            else if (answers.one_in(2))
                text.erase(at, 1 + answers.below(3));
            else
                text[at] = answers.bytes(1)[0];
            if (text.empty()) text = "H";
        }
        const std::string whole = outcome_whole(text, how);
        ++(whole.starts_with("failed") ? refused : whole_ones);
        ASSERT_NE(whole, "more") << "the connection has ended";
        ASSERT_EQ(outcome_by_byte(text, how), whole) << round << ": " << testing::PrintToString(text);
        for (const std::size_t largest : {4u, 50u}) {
            ASSERT_EQ(outcome_in_pieces(text, how, answers.engine(), largest), whole)
                << round << ": " << testing::PrintToString(text);
        }
    }
    EXPECT_GT(whole_ones, 500);
    EXPECT_GT(refused, 500);
}

}  // namespace
}  // namespace dbxapps::net
