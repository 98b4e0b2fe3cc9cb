// Server-Sent Events of a FastAPI app through nginx: whole, without their marker, and cut.
#include <integration/environment.hpp>

namespace dbxapps::integration {
namespace {

struct heard {
    std::vector<event> events;
    std::optional<failure> why;
    std::string last_id;
};

heard listen(std::string_view path, front f = front::usual) {
    heard out;
    asio::io_context io;
    auto read = [&out](client c, request r) -> awaitable<void> {
        auto opened = co_await open_events(c, std::move(r), ends_with_data("[DONE]"));
        if (!opened) {
            out.why = opened.error();
            co_return;
        }
        for (;;) {
            auto next = co_await opened->next();
            if (!next) out.why = next.error();
            if (!next || !*next) break;
            out.events.push_back(**next);
        }
        out.last_id = opened->last_event_id();
    };
    asio::co_spawn(io, read(real_client(io), get(servers().url(path, f))), asio::detached);
    run_out(io);
    return out;
}

TEST(Events, ComeInOrderUpToTheirMarker) {
    for (const front f : {front::usual, front::close_delimited}) {
        const auto it = listen("/api/events/1000", f);
        EXPECT_FALSE(it.why) << it.why->detail;
        ASSERT_EQ(it.events.size(), 1001u);
        for (std::size_t n = 0; n < 1000; ++n) {
            EXPECT_EQ(it.events[n].type, "token");
            EXPECT_EQ(it.events[n].id, std::to_string(n));
            EXPECT_EQ(it.events[n].data, "{\"n\": " + std::to_string(n) + "}");
        }
        EXPECT_EQ(it.events[1000].data, "[DONE]");
        EXPECT_EQ(it.last_id, "999");
    }
}

TEST(Events, ThatEndWithoutTheirMarkerAreTruncated) {
    for (const front f : {front::usual, front::close_delimited}) {
        const auto it = listen("/api/events/3?end=silent", f);
        ASSERT_TRUE(it.why);
        EXPECT_TRUE(it.why->is(errc::truncated_stream)) << it.why->detail;
        EXPECT_EQ(it.events.size(), 3u);
        EXPECT_EQ(it.last_id, "2");
    }
}

TEST(Events, ThatAreCutInTheMiddleAreTruncated) {
    for (const front f : {front::usual, front::close_delimited}) {
        const auto it = listen("/api/events/3?end=cut", f);
        ASSERT_TRUE(it.why);
        EXPECT_TRUE(it.why->is(errc::truncated_stream)) << it.why->detail;
        EXPECT_EQ(it.events.size(), 3u);
    }
}

TEST(Events, AreNotLookedForInAnotherAnswer) {
    const auto it = listen("/api/json");
    ASSERT_TRUE(it.why);
    EXPECT_TRUE(it.why->is(errc::bad_response)) << it.why->detail;
    EXPECT_EQ(it.why->status, 200);
}

}  // namespace
}  // namespace dbxapps::integration
