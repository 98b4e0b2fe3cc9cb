#include <net/connect_answer.hpp>

#include <gtest/gtest.h>

namespace dbxapps::net {
namespace {

using state = connect_answer::state;

// How it ends, in words, fed in pieces of that size.
std::string outcome(std::string_view text, std::size_t piece) {
    connect_answer answer;
    state now = state::more;
    while (now == state::more && !text.empty()) {
        now = answer.feed(text.substr(0, piece));
        text.remove_prefix(std::min(piece, text.size()));
    }
    if (now == state::more) return "more";
    if (now == state::failed) return "failed: " + answer.why();
    return (answer.consents() ? "yes: " : "no: ") + answer.words() + (answer.stray_bytes() ? " and more" : "");
}

TEST(connect_answer, is_read_whatever_the_pieces_it_comes_in) {
    constexpr std::pair<std::string_view, std::string_view> rows[] = {
        {"HTTP/1.1 200 Connection established\r\n\r\n", "yes: 200 Connection established"},
        {"HTTP/1.0 200 OK\r\nProxy-Agent: x\r\n\r\n", "yes: 200 OK"},
        {"HTTP/1.1 200 \r\n\r\n", "yes: 200"},
        {"HTTP/1.1 204 No Content\r\n\r\n", "yes: 204 No Content"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", "yes: 200 OK"},
        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 \r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "yes: 200 OK"},
        {"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
         "no: 407 Proxy Authentication Required"},
        {"HTTP/1.1 502 Bad\x1bGateway\r\n\r\n", "failed: is not HTTP/1.1: its first line is no status line"},
        {"HTTP/1.1 502 Bad\xffGateway\r\n\r\n", "no: 502 Bad.Gateway"},
        {"HTTP/1.1 301 Moved\r\nLocation: /\r\n\r\n", "no: 301 Moved"},
        {"HTTP/1.1 101 Switching Protocols\r\n\r\n", "no: 101 Switching Protocols"},
        {"HTTP/1.1 099 Low\r\n\r\n", "failed: has a status below 100"},
        {"HTTP/2 200 \r\n\r\n", "failed: is not HTTP/1.1: it begins otherwise"},
        {"SSH-2.0-OpenSSH_9.2\r\n", "failed: is not HTTP/1.1: it begins otherwise"},
        {"\x15\x03\x01", "failed: is not HTTP/1.1: it begins otherwise"},
        {"HTTP/1.1 OK\r\n\r\n", "failed: is not HTTP/1.1: its first line is no status line"},
        {"HTTP/1.1 200 OK\n\n", "failed: is not HTTP/1.1: a line of its head ends without CR"},
        {"HTTP/1.1 200 OK\r\n", "more"},
        {"HTTP", "more"},
    };
    for (const auto& [text, ends] : rows) {
        for (const std::size_t piece : {1u, 2u, 7u, 4096u})
            EXPECT_EQ(outcome(text, piece), ends) << piece << ": " << text;
    }
}

TEST(connect_answer, tells_what_came_behind_its_head) {
    EXPECT_EQ(outcome("HTTP/1.1 200 OK\r\n\r\n\x16", 4096), "yes: 200 OK and more");
    EXPECT_EQ(outcome("HTTP/1.1 403 Forbidden\r\n\r\nno", 4096), "no: 403 Forbidden and more");
}

TEST(connect_answer, of_too_large_a_head_is_none) {
    const std::string line(1000, 'x');
    std::string text = "HTTP/1.1 200 OK\r\n";
    for (int i = 0; i < 17; ++i)
        text += "A: " + line + "\r\n";
    EXPECT_EQ(outcome(text + "\r\n", 4096), "failed: has a head of more than 16384 bytes");
    std::string interim;
    for (int i = 0; i < 1000; ++i)
        interim += "HTTP/1.1 100 Continue\r\n\r\n";
    EXPECT_EQ(outcome(interim, 4096), "failed: has a head of more than 16384 bytes");
    EXPECT_EQ(outcome("HTTP/1.1 200 " + line + "\r\n\r\n", 4096), "yes: 200 " + line.substr(0, 100) + "...");
}

}  // namespace
}  // namespace dbxapps::net
