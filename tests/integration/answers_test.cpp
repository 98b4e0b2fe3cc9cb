// Answers of a FastAPI app through nginx, in each framing and coding that they come in.
#include <integration/environment.hpp>

#include <boost/json.hpp>

namespace dbxapps::integration {
namespace {

namespace json = boost::json;

TEST(RealServers, JsonGoesThereAndComesBack) {
    for (const front f : {front::usual, front::tls_1_2, front::short_lived, front::close_delimited}) {
        asio::io_context io;
        const auto r =
            call(io, real_client(io), post(servers().url("/api/json?a=b%20c", f), R"({"order": [7, null]})"));
        ASSERT_TRUE(r) << r.error().detail;
        EXPECT_EQ(r->status(), 200);
        const auto answer = json::parse(r->body());
        EXPECT_EQ(answer.at("method"), "POST");
        EXPECT_EQ(answer.at("query"), json::parse(R"({"a": "b c"})"));
        EXPECT_EQ(answer.at("body"), json::parse(R"({"order": [7, null]})"));
        EXPECT_EQ(answer.at("token"), true);
    }
}

TEST(RealServers, EveryStatusOfTheAppIsAResponse) {
    asio::io_context io;
    const auto c = real_client(io);
    for (const int status : {200, 201, 204, 304, 400, 401, 404, 418, 422, 429, 500, 502, 503, 504}) {
        const auto r = call(io, c, get(servers().url("/api/status/" + std::to_string(status))));
        ASSERT_TRUE(r) << status << ": " << r.error().detail;
        EXPECT_EQ(r->status(), status);
        EXPECT_EQ(r->body(), status == 204 || status == 304 ? "" : "status");
    }
    EXPECT_EQ(c.counters().connections, 1u);
}

TEST(RealServers, AHeadRequestHasTheHeadOfAnAnswerOnly) {
    asio::io_context io;
    const auto r = call(io, real_client(io), request("HEAD", servers().url("/api/ping", front::short_lived)));
    ASSERT_TRUE(r) << r.error().detail;
    EXPECT_EQ(r->header("content-length"), "4");
    EXPECT_EQ(r->body(), "");
}

// Once by nginx, which sends it in chunks; once by the app, with its length.
TEST(RealServers, WhatCameAsGzipReadsAsIfItHadBeenPlain) {
    const auto by_nginx = get_once("/api/many?count=5000"), by_app = get_once("/api/packed?count=5000");
    const auto plain = get_once("/api/many?count=5000", front::tls_1_2);
    ASSERT_TRUE(by_nginx && by_app && plain);
    EXPECT_GT(plain->body().size(), 100'000u);
    EXPECT_EQ(by_nginx->body(), plain->body());
    EXPECT_EQ(by_app->body(), plain->body());
    EXPECT_EQ(by_nginx->header("content-encoding"), std::nullopt);
    EXPECT_EQ(by_app->header("content-encoding"), std::nullopt);
}

// It really came packed: who names a coding gets the bytes as they are.
TEST(RealServers, WhoNamesACodingGetsThePackedBytes) {
    asio::io_context io;
    const auto c = real_client(io);
    for (const char* path : {"/api/many?count=5000", "/api/packed?count=5000"}) {
        const auto r = call(io, c, get(servers().url(path)).with("Accept-Encoding", "gzip"));
        ASSERT_TRUE(r) << r.error().detail;
        EXPECT_EQ(r->header("content-encoding"), "gzip");
        EXPECT_EQ(r->body().substr(0, 2), "\x1f\x8b");
    }
}

TEST(RealServers, AnAnswerInChunksIsWhole) {
    for (const std::size_t size : {0, 1, 65'546, 1'000'003}) {
        const auto r = get_once("/api/bytes/" + std::to_string(size));
        ASSERT_TRUE(r) << r.error().detail;
        EXPECT_EQ(r->header("transfer-encoding"), "chunked");
        EXPECT_EQ(r->body(), letters(size));
    }
}

TEST(RealServers, AnAnswerThatEndsWithItsConnectionIsWhole) {
    asio::io_context io;
    const auto c = real_client(io);
    for (const std::size_t size : {1, 65'546, 1'000'003}) {
        const auto r = call(io, c, get(servers().url("/api/bytes/" + std::to_string(size), front::close_delimited)));
        ASSERT_TRUE(r) << r.error().detail;
        EXPECT_EQ(r->header("transfer-encoding"), std::nullopt);
        EXPECT_EQ(r->header("content-length"), std::nullopt);
        EXPECT_EQ(r->body(), letters(size));
    }
    EXPECT_EQ(c.counters().connections, 3u);
}

TEST(RealServers, AnAnswerThatTricklesIsWhole) {
    for (const front f : {front::usual, front::close_delimited}) {
        const auto r = get_once("/api/trickle/100", f);
        ASSERT_TRUE(r) << r.error().detail;
        EXPECT_EQ(r->body(), letters(100));
    }
}

TEST(RealServers, AnAnswerThatIsCutIsALostConnection) {
    const auto r = get_once("/api/events/3?end=cut");
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::connection_lost)) << r.error().detail;
    EXPECT_TRUE(r.error().may_have_arrived);
}

}  // namespace
}  // namespace dbxapps::integration
