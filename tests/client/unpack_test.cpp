// Answers in a content coding.
#include <support/pack.hpp>
#include <support/workspace.hpp>

namespace dbxapps::test {
namespace {

using support::gzip;

struct Unpack : testing::Test {
    result<response> answer(std::string body, std::string coding, client_options o, request r, int status = 200) {
        emulator_fault f;
        f.what = emulator_fault::kind::answer;
        f.status = status;
        f.headers = "gap-auth: x\r\ncontent-encoding: " + coding + "\r\nx-last: 1\r\n";
        f.content_type = "application/json";
        f.body = std::move(body);
        w.emulated.inject(emulator_place::apps, f);
        return call(io, client(io.get_executor(), w.cache(io.get_executor()), std::move(o)), std::move(r));
    }

    workspace w;
    asio::io_context io;
    const std::string plain = std::string(10'000, 'x') + "end";
};

TEST_F(Unpack, APackedAnswerIsAsIfItHadBeenSentPlain) {
    const auto r = answer(gzip(plain), "gzip", w.options(), get(w.url()));
    ASSERT_TRUE(r) << r.error().detail;
    EXPECT_EQ(r->body(), plain);
    EXPECT_FALSE(r->header("content-encoding"));
    EXPECT_FALSE(r->header("content-length"));
    EXPECT_EQ(r->header("content-type"), "application/json");
    EXPECT_EQ(r->header("x-last"), "1");
    for (std::size_t i = 0; i < r->header_count(); ++i)
        EXPECT_FALSE(r->header_at(i).first.empty()) << i;
}

TEST_F(Unpack, ItIsAskedForUnlessTheRequestOrTheClientSaysOtherwise) {
    const auto asked = [&](client_options o, request r) {
        const auto got = call(io, client(io.get_executor(), w.cache(io.get_executor()), std::move(o)), std::move(r));
        return got ? got->body() : got.error().detail;
    };
    auto never = w.options();
    never.unpack = false;
    EXPECT_NE(asked(w.options(), get(w.url("/api/echo"))).find(R"("accept-encoding":"gzip, deflate")"),
              std::string::npos);
    EXPECT_EQ(asked(never, get(w.url("/api/echo"))).find("accept-encoding"), std::string::npos);
    EXPECT_NE(
        asked(w.options(), get(w.url("/api/echo")).with("Accept-Encoding", "br")).find(R"("accept-encoding":"br")"),
        std::string::npos);
}

TEST_F(Unpack, AnAnswerThatWasAskedForOtherwiseIsLeftAsItIs) {
    auto never = w.options();
    never.unpack = false;
    for (const auto& r : {answer(gzip(plain), "gzip", never, get(w.url())),
                          answer(gzip(plain), "gzip", w.options(), get(w.url()).with("accept-encoding", "gzip")),
                          answer(gzip(plain), "br", w.options(), get(w.url())),
                          answer(gzip(plain), "gzip", w.options(), get(w.url()), 206)}) {
        ASSERT_TRUE(r) << r.error().detail;
        EXPECT_EQ(r->body(), gzip(plain));
        EXPECT_TRUE(r->header("content-encoding"));
    }
}

TEST_F(Unpack, WhereThereIsNoBodyNothingIsMissing) {
    for (const auto& [method, status] : {std::pair("HEAD", 200), std::pair("GET", 304), std::pair("GET", 200)}) {
        const auto r = answer("", "gzip", w.options(), request(method, w.url()), status);
        ASSERT_TRUE(r) << method << " " << status << r.error().detail;
        EXPECT_TRUE(r->header("content-encoding"));
    }
}

TEST_F(Unpack, ABombAndADamagedBodyAreErrors) {
    auto o = w.options();
    o.max_body = 5'000;
    const auto bomb = answer(gzip(plain), "gzip", o, get(w.url()));
    ASSERT_FALSE(bomb);
    EXPECT_TRUE(bomb.error().is(errc::response_too_large)) << bomb.error().detail;
    EXPECT_EQ(bomb.error().status, 200);
    const auto cut = answer(gzip(plain).substr(0, 30), "gzip", w.options(), get(w.url()));
    ASSERT_FALSE(cut);
    EXPECT_TRUE(cut.error().is(errc::bad_response)) << cut.error().detail;
    EXPECT_TRUE(cut.error().detail.starts_with("GET " + w.url())) << cut.error().detail;
}

}  // namespace
}  // namespace dbxapps::test
