#include <emulator/request_reader.hpp>

#include <gtest/gtest.h>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

namespace dbxapps::emulated {
namespace {

struct request_reader_test : testing::Test {
    request_head head;
    std::string body;

    // 0: a whole request; 1: more is needed; else the status of its refusal. Fed in pieces of `piece` bytes.
    int read(std::string_view text, std::size_t piece = std::string_view::npos) {
        request_reader reader(head, body);
        std::string held;
        while (!text.empty()) {
            held.append(text.substr(0, piece));
            text.remove_prefix(std::min(piece, text.size()));
            boost::beast::error_code ec;
            held.erase(0, reader.put(boost::asio::buffer(held), ec));
            if (ec && ec != boost::beast::http::error::need_more) return status_of_bad_request(ec);
            if (reader.is_done()) return 0;
        }
        return 1;
    }
};

TEST_F(request_reader_test, the_facts_of_a_request_are_found_however_it_is_cut) {
    for (const std::size_t piece : {1u, 7u, 1000u}) {
        ASSERT_EQ(read("POST /a?b=1 HTTP/1.1\r\nHOST: Apps.Example:8443\r\nauthorization: Bearer x\r\n"
                       "Content-Type: text/x\r\nContent-Length: 4\r\n\r\nping",
                       piece),
                  0);
        EXPECT_EQ(head.method, "POST");
        EXPECT_EQ(head.path(), "/a");
        EXPECT_EQ(head.host, "apps.example");
        EXPECT_EQ(head.authorization, "Bearer x");
        EXPECT_EQ(head.content_type, "text/x");
        EXPECT_TRUE(head.keep_alive);
        EXPECT_EQ(body, "ping");
        EXPECT_TRUE(head.fields.starts_with("HOST: Apps.Example:8443\r\nauthorization: Bearer x\r\n"));
    }
}

TEST_F(request_reader_test, nothing_is_left_of_the_request_before) {
    ASSERT_EQ(read("POST / HTTP/1.1\r\nHost: a\r\nAuthorization: x\r\nConnection: close\r\nContent-Length: 1\r\n\r\nz"),
              0);
    EXPECT_FALSE(head.keep_alive);
    ASSERT_EQ(read("GET / HTTP/1.1\r\nHost: b\r\n\r\n"), 0);
    EXPECT_EQ(head.authorization, "");
    EXPECT_EQ(body, "");
    EXPECT_TRUE(head.keep_alive);
}

TEST_F(request_reader_test, chunks_are_joined) {
    ASSERT_EQ(read("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", 3),
              0);
    EXPECT_EQ(body, "abc");
}

TEST_F(request_reader_test, what_cannot_be_read_one_way_only_is_refused) {
    for (const char* bad : {
             "nonsense\r\n\r\n",
             "GET / HTTP/1.1\r\n\r\n",
             "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
             "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
             "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
             "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
             "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
             "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
             "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
             "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n",
             "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
             "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
             "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
         })
        EXPECT_EQ(read(bad), 400) << bad;
}

TEST_F(request_reader_test, a_head_over_64_kib_is_refused_in_one_field_or_in_many) {
    const std::string start = "GET / HTTP/1.1\r\nHost: a\r\n";
    EXPECT_EQ(read(start + "X: " + std::string(70'000, 'x') + "\r\n\r\n", 4096), 431);
    std::string many = start;
    while (many.size() < 70'000)
        many += "X: 0123456789012345678901234567890123456789\r\n";
    EXPECT_EQ(read(many + "\r\n", 4096), 431);
    EXPECT_EQ(read(start + "X: " + std::string(60'000, 'x') + "\r\n\r\n", 4096), 0);
}

TEST_F(request_reader_test, a_body_over_64_mib_is_refused_by_its_length) {
    EXPECT_EQ(read("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 67108865\r\n\r\n"), 413);
    EXPECT_EQ(read("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 67108864\r\n\r\n"), 1);
}

TEST_F(request_reader_test, an_old_client_is_read_without_host_and_not_kept) {
    ASSERT_EQ(read("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"), 0);
    EXPECT_FALSE(head.keep_alive);
    EXPECT_FALSE(head.chunks_understood);
}

}  // namespace
}  // namespace dbxapps::emulated
