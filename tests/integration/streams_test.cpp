// Bodies that come and go piece by piece, through nginx and FastAPI: their bytes arrive, and memory stays constant.
#include <integration/memory.hpp>
#include <integration/transfers.hpp>

namespace dbxapps::integration {
namespace {

namespace json = boost::json;

constexpr std::int64_t most_growth_kib = 8 * 1024;

TEST(Download, OfAGibibyteTakesAlmostNoMemory) {
    asio::io_context io;
    const auto c = real_client(io);
    download(io, c, mebibyte);  // what a first download takes once and for all
    const memory_growth growth;
    const auto it = download(io, c, gibibyte);
    EXPECT_EQ(it.bytes, gibibyte);
    EXPECT_TRUE(it.as_sent);
    EXPECT_LT(growth.peak_kib(), most_growth_kib);
}

TEST(Download, IsWholeInEveryFraming) {
    for (const front f : {front::usual, front::tls_1_2, front::short_lived, front::close_delimited}) {
        for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1}, 20 * mebibyte + 7}) {
            asio::io_context io;
            const auto it = download(io, real_client(io), size, f);
            EXPECT_EQ(it.bytes, size);
            EXPECT_TRUE(it.as_sent);
        }
    }
}

TEST(Download, ThatTricklesComesPieceByPiece) {
    asio::io_context io;
    seen out;
    auto r = get(servers().url("/api/trickle/100")).idle_within(10s);
    asio::co_spawn(io, read_all(real_client(io), std::move(r), out), asio::detached);
    run_out(io);
    ASSERT_FALSE(out.why) << out.why->detail;
    EXPECT_EQ(out.bytes, 100u);
    EXPECT_TRUE(out.as_sent);
    EXPECT_GT(out.pieces, 10u);
}

TEST(Download, ThatNginxPacksIsUnpackedOnTheWay) {
    asio::io_context io;
    std::string whole;
    auto read = [&](client c) -> awaitable<void> {
        auto opened = co_await c.open(get(servers().url("/api/many?count=5000")));
        if (!opened) co_return;
        for (;;) {
            const auto piece = co_await opened->read_some();
            if (!piece || piece->empty()) co_return;
            whole += *piece;
        }
    };
    asio::co_spawn(io, read(real_client(io)), asio::detached);
    run_out(io);
    const auto plain = get_once("/api/many?count=5000", front::tls_1_2);
    ASSERT_TRUE(plain) << plain.error().detail;
    EXPECT_GT(whole.size(), 100'000u);
    EXPECT_EQ(whole, plain->body());
}

TEST(Download, ThatIsDroppedHalfwayDisturbsNoOther) {
    asio::io_context io;
    const auto c = real_client(io);
    auto read_once = [](client with, std::string url) -> awaitable<void> {
        auto opened = co_await with.open(get(url));
        if (opened) (void)co_await opened->read_some();
    };
    asio::co_spawn(io, read_once(c, servers().url("/api/bytes/1073741824")), asio::detached);
    run_out(io);
    EXPECT_EQ(c.counters().in_flight, 0u);
    EXPECT_EQ(download(io, c, mebibyte).bytes, mebibyte);
}

TEST(Upload, OfAFileOfAGibibyteTakesAlmostNoMemory) {
    asio::io_context io;
    const folder home;
    const auto c = real_client(io);
    upload(io, c, put(file_body(file_of(home, mebibyte))));  // what a first upload takes once and for all
    const memory_growth growth;
    const auto answer = upload(io, c, put(file_body(file_of(home, gibibyte))));
    EXPECT_LT(growth.peak_kib(), most_growth_kib);
    ASSERT_TRUE(answer.is_object());
    EXPECT_EQ(answer.at("bytes"), gibibyte);
    EXPECT_EQ(answer.at("crc32"), json::string(crc32_of_file(gibibyte)));
    EXPECT_EQ(answer.at("framing"), "length");
    EXPECT_EQ(answer.at("type"), "application/octet-stream");
}

TEST(Upload, OfWhatIsMadeOnTheWayGoesOutInChunks) {
    constexpr std::uint64_t size = 256 * mebibyte;
    asio::io_context io;
    const std::string block = letters(mebibyte);
    std::uint64_t left = size;
    auto next = [&]() -> awaitable<result<std::string>> {
        if (left == 0) co_return std::string();
        left -= block.size();
        co_return block;
    };
    const auto answer = upload(io, real_client(io), put(generated_body(next)));
    ASSERT_TRUE(answer.is_object());
    EXPECT_EQ(answer.at("bytes"), size);
    EXPECT_EQ(answer.at("crc32"), json::string(crc32_of(size, block)));
    EXPECT_EQ(answer.at("framing"), "chunked");
}

TEST(Upload, ThatTheAppDoesNotWantGetsItsAnswer) {
    asio::io_context io;
    const folder home;
    auto r = request("POST", servers().url("/api/early")).body(file_body(file_of(home, 100 * mebibyte)), "text/csv");
    const auto answer = call(io, real_client(io), std::move(r));
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer->status(), 413);
    EXPECT_EQ(answer->body(), "no more, please");
}

TEST(Upload, OfAFormArrivesWithItsFieldsAndFiles) {
    asio::io_context io;
    const folder home;
    multipart_form form;
    form.field("title", "May \"and\" June").file("report", file_of(home, mebibyte + 1), "text/csv");
    form.content("note", "a\"b.txt", "short", "text/plain");
    auto r = request("POST", servers().url("/api/form")).body(form.body(), form.content_type());
    const auto answer = upload(io, real_client(io), std::move(r));
    ASSERT_TRUE(answer.is_object());
    EXPECT_EQ(answer.at("fields"), json::parse(R"({"title": "May \"and\" June"})"));
    const auto& report = answer.at("files").at(0);
    EXPECT_EQ(report.at("field"), "report");
    EXPECT_EQ(report.at("name"), "upload");
    EXPECT_EQ(report.at("type"), "text/csv");
    EXPECT_EQ(report.at("bytes"), mebibyte + 1);
    EXPECT_EQ(report.at("crc32"), json::string(crc32_of_file(mebibyte + 1)));
    EXPECT_EQ(answer.at("files").at(1).at("bytes"), 5);
}

}  // namespace
}  // namespace dbxapps::integration
