// Event streams that say when they are complete.
#include <support/plain_server.hpp>

namespace dbxapps::test {
namespace {

using after = exchange_script::after;

struct read_events {
    std::vector<event> events;
    std::optional<failure> why;
    std::string last_id;
    std::optional<duration> retry;
};

struct Events : testing::Test {
    read_events from(std::string answer, end_marker last, after then = after::close, event_limits limits = {},
                     std::string_view accept = "") {
        plain_server server(io, {{{std::move(answer), then}}});
        plain_client c(io);
        request r = get(server.url("/api/events?private=1"));
        if (!accept.empty()) r.with("accept", accept);
        read_events out;
        asio::co_spawn(
            io,
            [&]() -> awaitable<void> {
                co_await read(c.handle, r, last, limits, out);
                server.stop();
                c.handle.close();
            },
            asio::detached);
        run_out(io);
        asked = server.requests.empty() ? "" : server.requests.front();
        return out;
    }
    static awaitable<void> read(client c, request r, end_marker last, event_limits limits, read_events& out) {
        auto opened = co_await open_events(c, r, last, limits);
        if (!opened) {
            out.why = opened.error();
            co_return;
        }
        for (;;) {
            auto e = co_await opened->next();
            if (!e) out.why = e.error();
            if (!e || !*e) break;
            out.events.push_back(std::move(**e));
        }
        const auto again = co_await opened->next();  // as before
        EXPECT_EQ(again.has_value(), !out.why.has_value());
        out.last_id = opened->last_event_id();
        out.retry = opened->retry();
    }
    static std::string stream(const std::string& events) {
        return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\n" + events;
    }

    asio::io_context io;
    std::string asked;
};

TEST_F(Events, TheyComeOneByOneUntilTheMarker) {
    const auto got = from(stream("id: 7\nretry: 1500\ndata: {\"a\":1}\n\nevent: note\ndata: x\ndata: y\n\n"
                                 "data: [DONE]\n\ndata: never seen\n\n"),
                          ends_with_data("[DONE]"), after::keep);
    ASSERT_FALSE(got.why) << got.why->detail;
    EXPECT_EQ(got.events,
              (std::vector<event>{{"message", "{\"a\":1}", "7"}, {"note", "x\ny", "7"}, {"message", "[DONE]", "7"}}));
    EXPECT_EQ(got.last_id, "7");
    EXPECT_EQ(got.retry, 1500ms);
    EXPECT_NE(asked.find("Accept: text/event-stream\r\n"), std::string::npos) << asked;
}

TEST_F(Events, AnAcceptOfTheCallersOwnIsKept) {
    const auto got = from(stream("data: [DONE]\n\n"), ends_with_data("[DONE]"), after::close, {}, "text/*");
    EXPECT_FALSE(got.why);
    EXPECT_EQ(asked.find("Accept: text/event-stream"), std::string::npos) << asked;
}

TEST_F(Events, TheTypeMayBeTheMarker) {
    const auto got = from(stream("event: generating\ndata: 1\n\nevent: complete\ndata: 2\n\n"),
                          ends_with_types({"complete", "error"}));
    EXPECT_FALSE(got.why);
    EXPECT_EQ(got.events.size(), 2u);
}

TEST_F(Events, AnEndWithoutTheMarkerIsNeverASuccess) {
    const std::string two = "id: 2\ndata: 1\n\ndata: 2\n\n";
    for (const std::string& rest : {std::string(), std::string("data: cut off")}) {
        const auto got = from(stream(two + rest), ends_with_data("[DONE]"));
        EXPECT_EQ(got.events.size(), 2u);
        ASSERT_TRUE(got.why);
        EXPECT_TRUE(got.why->is(errc::truncated_stream)) << got.why->detail;
        EXPECT_NE(got.why->detail.find("after 2 events"), std::string::npos) << got.why->detail;
        EXPECT_EQ(got.why->detail.find("in the middle of one") != std::string::npos, !rest.empty());
        EXPECT_EQ(got.why->status, 200);
        EXPECT_EQ(got.last_id, "2");
    }
    const auto sized =
        from("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 9\r\n\r\ndata: 1\n\n",
             ends_with_data("[DONE]"), after::keep);
    EXPECT_TRUE(sized.why && sized.why->is(errc::truncated_stream));
}

TEST_F(Events, AStreamThatBreaksOffIsTruncatedToo) {
    const auto got = from(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n",
        ends_with_data("[DONE]"));
    ASSERT_TRUE(got.why);
    EXPECT_TRUE(got.why->is(errc::truncated_stream)) << got.why->detail;
    EXPECT_NE(got.why->detail.find("inside a chunked body"), std::string::npos) << got.why->detail;
}

TEST_F(Events, WhereThereIsNoMarkerTheEndCounts) {
    const auto got = from(stream("data: 1\n\n"), ends_anywhere());
    EXPECT_FALSE(got.why);
    EXPECT_EQ(got.events.size(), 1u);
}

TEST_F(Events, ALineWithoutEndIsRefusedInBoundedMemory) {
    const auto got =
        from(stream("data: " + std::string(500'000, 'x')), ends_with_data("[DONE]"), after::keep, {100'000, 100'000});
    ASSERT_TRUE(got.why);
    EXPECT_TRUE(got.why->is(errc::response_too_large)) << got.why->detail;
}

TEST_F(Events, WhatIsNoEventStreamIsSaidToBeNone) {
    for (const auto& [answer, status] :
         {std::pair("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}", 200),
          std::pair(
              "HTTP/1.1 422 Unprocessable Content\r\nContent-Type: text/event-stream\r\nContent-Length: 2\r\n\r\n{}",
              422),
          std::pair("HTTP/1.1 204 No Content\r\n\r\n", 204)}) {
        const auto got = from(answer, ends_anywhere());
        ASSERT_TRUE(got.why);
        EXPECT_TRUE(got.why->is(errc::bad_response)) << got.why->detail;
        EXPECT_EQ(got.why->status, status);
        EXPECT_NE(got.why->detail.find(std::to_string(status)), std::string::npos);
        EXPECT_EQ(got.why->detail.find("private"), std::string::npos) << got.why->detail;
    }
}

TEST_F(Events, AnEmptyReaderSaysSo) {
    event_reader none;
    std::optional<failure> why;
    asio::co_spawn(
        io, [&]() -> awaitable<void> { why = (co_await none.next()).error(); }, asio::detached);
    run_out(io);
    EXPECT_TRUE(why && why->is(errc::closed));
    EXPECT_EQ(none.last_event_id(), "");
}

}  // namespace
}  // namespace dbxapps::test
