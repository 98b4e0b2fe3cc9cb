// Bodies that come piece by piece.
#include <support/plain_server.hpp>
#include <support/streams.hpp>

#include <boost/asio/steady_timer.hpp>

#include <unistd.h>
#include <cstdlib>
#include <fstream>

namespace dbxapps::test {
namespace {

using after = exchange_script::after;

// A file of the test's own, gone at the end.
struct scratch_file {
    explicit scratch_file(const std::string& bytes) {
        const int fd = ::mkstemp(name.data());
        EXPECT_GE(fd, 0);
        ::close(fd);
        std::ofstream(name, std::ios::binary) << bytes;
    }
    ~scratch_file() { ::unlink(name.c_str()); }
    scratch_file(const scratch_file&) = delete;
    scratch_file& operator=(const scratch_file&) = delete;
    std::string name = testing::TempDir() + "upload-XXXXXX";
};

std::shared_ptr<body_source> pieces(std::vector<std::string> list) {
    auto left = std::make_shared<std::vector<std::string>>(std::move(list));
    return generated_body([left]() -> awaitable<result<std::string>> {
        if (left->empty()) co_return std::string();
        std::string next = std::move(left->front());
        left->erase(left->begin());
        co_return next;
    });
}

struct Upload : testing::Test {
    request echo(std::shared_ptr<body_source> from) {
        return request("POST", w.url("/api/echo")).body(std::move(from), "application/octet-stream");
    }
    client make() { return client(io.get_executor(), w.cache(io.get_executor()), w.options()); }

    workspace w;
    asio::io_context io;
};

TEST_F(Upload, AFileArrivesWhole) {
    const client c = make();
    for (const std::size_t size : {0, 1, 65'536, 65'537, 3'000'000}) {
        std::string bytes(size, 'x');
        for (std::size_t i = 0; i < size; i += 1000)
            bytes[i] = static_cast<char>(i / 1000);
        const scratch_file file(bytes);
        const auto r = call(io, c, echo(file_body(file.name)));
        ASSERT_TRUE(r) << r.error().detail;
        // Of no body at all the emulator gives a description.
        EXPECT_TRUE(r->body() == bytes || (size == 0 && r->body().starts_with("{"))) << size;
    }
    EXPECT_EQ(c.counters().connections, 1u);
}

TEST_F(Upload, WhatAGeneratorGivesArrivesInChunks) {
    const client c = make();
    const std::string large(300'000, 'y');
    const auto r = call(io, c, echo(pieces({"one,", "two,", large})));
    ASSERT_TRUE(r) << r.error().detail;
    EXPECT_TRUE(r->body() == "one,two," + large);
    const auto none = call(io, c, echo(pieces({})));
    ASSERT_TRUE(none) << none.error().detail;
    EXPECT_NE(none->body().find("\"transfer-encoding\":\"chunked\""), std::string::npos) << none->body();
    EXPECT_EQ(c.counters().connections, 1u);
}

TEST_F(Upload, TheAnswerMayBeStreamedWhileTheBodyIsSent) {
    const client c = make();
    const std::string bytes(2'000'000, 'z');
    const scratch_file file(bytes);
    EXPECT_TRUE(stream(io, c, echo(file_body(file.name))).body == bytes);
    EXPECT_TRUE(stream(io, c, post(w.url("/api/echo"), bytes)).body == bytes);
    EXPECT_EQ(c.counters().connections, 1u);
}

TEST_F(Upload, AFileThatCannotBeReadIsABadRequestAndNothingIsSent) {
    for (const std::string path : {"/nowhere/at/all", "/tmp"}) {
        const auto r = call(io, make(), echo(file_body(path)));
        ASSERT_FALSE(r);
        EXPECT_TRUE(r.error().is(errc::bad_request)) << r.error().detail;
        EXPECT_NE(r.error().detail.find(path), std::string::npos);
        EXPECT_FALSE(r.error().may_have_arrived);
    }
    EXPECT_EQ(w.emulated.count().app_requests, 0u);
}

TEST_F(Upload, AFailureAndAnExceptionOfTheSourceEndTheCall) {
    const auto failing = generated_body([]() -> awaitable<result<std::string>> {
        co_return failure(errc::app_unavailable, "the other side has gone");
    });
    const auto throwing = generated_body([]() -> awaitable<result<std::string>> {
        throw std::runtime_error("a fault of my own");
        co_return std::string();
    });
    const auto failed = call(io, make(), echo(failing));
    ASSERT_FALSE(failed);
    EXPECT_TRUE(failed.error().is(errc::app_unavailable)) << failed.error().detail;
    EXPECT_NE(failed.error().detail.find("the other side has gone"), std::string::npos);
    const auto threw = call(io, make(), echo(throwing));
    ASSERT_FALSE(threw);
    EXPECT_TRUE(threw.error().is(errc::bad_request)) << threw.error().detail;
    EXPECT_NE(threw.error().detail.find("a fault of my own"), std::string::npos);
}

TEST_F(Upload, ASourceThatHangsIsLeftBehindByTheDeadline) {
    auto never = std::make_shared<asio::steady_timer>(io, time_point::max());
    const auto hanging = generated_body([never]() -> awaitable<result<std::string>> {
        co_await never->async_wait(asio::use_awaitable);
        co_return std::string();
    });
    std::optional<failure> why;
    const client c = make();
    ASSERT_TRUE(call(io, c, get(w.url())));  // the token and a connection are there
    asio::co_spawn(
        io, [&]() -> awaitable<void> { why = (co_await c.try_send(echo(hanging).within(300ms))).error(); },
        asio::detached);
    ASSERT_TRUE(eventually(io, [&] { return why.has_value(); }));
    EXPECT_TRUE(why->is(errc::timed_out)) << why->detail;
    never->cancel();
}

TEST_F(Upload, ASourceThatGivesOtherThanItsSizeIsABadRequest) {
    struct liar final : body_source {
        explicit liar(std::string says) : piece(std::move(says)) {}
        result<void> begin() override { return {}; }
        awaitable<result<std::string_view>> read() override { co_return std::exchange(left, std::string_view()); }
        std::optional<std::uint64_t> size() const override { return 10; }
        std::string piece;
        std::string_view left = piece;
    };
    for (const std::string given : {"short", "longer than ten"}) {
        const auto r = call(io, make(), echo(std::make_shared<liar>(given)));
        ASSERT_FALSE(r);
        EXPECT_TRUE(r.error().is(errc::bad_request)) << r.error().detail;
        EXPECT_NE(r.error().detail.find("its size was 10"), std::string::npos) << r.error().detail;
    }
}

TEST_F(Upload, AnAnswerThatComesEarlyEndsTheSending) {
    plain_server server(io, {{{"HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig", after::keep}}});
    plain_client c(io);
    int asked = 0;
    const auto endless = generated_body([&]() -> awaitable<result<std::string>> {
        ++asked;
        asio::steady_timer soon(co_await asio::this_coro::executor, 1ms);
        co_await soon.async_wait(asio::use_awaitable);
        co_return std::string(1000, 'x');
    });
    const auto got = calls(io, c.handle, {request("POST", server.url()).body(endless, "text/plain")}, server);
    ASSERT_TRUE(got[0]) << got[0].error().detail;
    EXPECT_EQ(got[0]->status(), 413);
    EXPECT_EQ(got[0]->body(), "big");
    EXPECT_GT(asked, 0);
}

TEST_F(Upload, AFileIsSentAgainWithANewTokenButAGeneratedBodyIsNot) {
    const client c = make();
    ASSERT_TRUE(call(io, c, get(w.url())));
    const scratch_file file("the file");
    w.emulated.revoke_tokens();
    const auto again = call(io, c, echo(file_body(file.name)));
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ(again->body(), "the file");
    EXPECT_EQ(c.counters().replays, 1u);
    const client other = make();
    ASSERT_TRUE(call(io, other, get(w.url())));
    w.emulated.revoke_tokens();
    const auto once = call(io, other, echo(pieces({"once"})));
    ASSERT_FALSE(once);
    EXPECT_TRUE(once.error().is(errc::not_signed_in)) << once.error().detail;
    EXPECT_EQ(other.counters().replays, 0u);
}

TEST_F(Upload, ARepeatableFileIsRetriedFromItsBeginning) {
    const client c = make();
    emulator_fault busy;
    busy.what = emulator_fault::kind::answer;
    busy.status = 503;
    w.emulated.inject(emulator_place::apps, busy);
    const scratch_file file(std::string(200'000, 'f'));
    const auto r = call(io, c, echo(file_body(file.name)).repeatable());
    ASSERT_TRUE(r) << r.error().detail;
    EXPECT_EQ(r->body().size(), 200'000u);
    EXPECT_EQ(c.counters().retries, 1u);
}

TEST_F(Upload, ACopyOfARequestKeepsItsBodyWhenTheOtherGetsAnother) {
    const request first = echo(pieces({"first"}));
    request second = first;
    second.body("second", "text/plain");
    EXPECT_TRUE(first.source());
    EXPECT_FALSE(second.source());
    EXPECT_EQ(call(io, make(), first)->body(), "first");
    EXPECT_EQ(call(io, make(), second)->body(), "second");
}

TEST_F(Upload, ADirectoryIsRefusedAsOftenAsItIsTried) {
    const auto directory = file_body("/tmp");
    for (int i = 0; i < 2; ++i) {
        const auto r = call(io, make(), echo(directory));
        ASSERT_FALSE(r);
        EXPECT_TRUE(r.error().is(errc::bad_request)) << r.error().detail;
    }
}

TEST_F(Upload, AFileThatHasGrownIsSentAsItIsNow) {
    const scratch_file file("short");
    const auto source = file_body(file.name);
    ASSERT_EQ(call(io, make(), echo(source))->body(), "short");
    std::ofstream(file.name) << "longer than before";
    EXPECT_EQ(call(io, make(), echo(source))->body(), "longer than before");
}

TEST_F(Upload, AHeadThatDoesNotFitTheSocketIsSentBeforeTheBody) {
    const client c = make();
    request r = echo(pieces({"after the head"}));
    for (int i = 0; i < 12; ++i)
        r.with("x-long-" + std::to_string(i), std::string(4000, 'h'));
    const auto got = call(io, c, r);
    ASSERT_TRUE(got) << got.error().detail;
    EXPECT_EQ(got->body(), "after the head");
}

TEST_F(Upload, ClosingTheClientEndsTheWaitForTheSource) {
    auto never = std::make_shared<asio::steady_timer>(io, time_point::max());
    const auto hanging = generated_body([never]() -> awaitable<result<std::string>> {
        co_await never->async_wait(asio::use_awaitable);
        co_return std::string();
    });
    std::optional<failure> why;
    client c = make();
    asio::co_spawn(
        io, [&]() -> awaitable<void> { why = (co_await c.try_send(echo(hanging))).error(); }, asio::detached);
    ASSERT_TRUE(eventually(io, [&] { return w.emulated.count().accepts > 0; }));
    settle(io);
    c.close();
    ASSERT_TRUE(eventually(io, [&] { return why.has_value(); }));
    EXPECT_TRUE(why->is(errc::closed)) << why->detail;
    never->cancel();
}

TEST_F(Upload, WhatASourceSaysOfItsOwnTroubleIsNotHeldAgainstTheApp) {
    auto o = w.options();
    o.circuit.failures = 1;
    o.circuit.over = 0s;
    const client c(io.get_executor(), w.cache(io.get_executor()), o);
    const auto piped = generated_body([]() -> awaitable<result<std::string>> {
        co_return failure(errc::connection_lost, "the stream that this one is made of broke off");
    });
    const auto r = call(io, c, echo(piped).repeatable());
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::connection_lost)) << r.error().detail;
    EXPECT_EQ(c.counters().retries, 0u);
    EXPECT_TRUE(call(io, c, get(w.url()))) << "the circuit is closed";
}

TEST_F(Upload, ASourceThatThrowsBeforeItBeginsIsABadRequest) {
    struct thrower final : body_source {
        result<void> begin() override { throw std::runtime_error("not ready"); }
        awaitable<result<std::string_view>> read() override { co_return std::string_view(); }
    };
    const auto r = call(io, make(), echo(std::make_shared<thrower>()));
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::bad_request)) << r.error().detail;
    EXPECT_NE(r.error().detail.find("not ready"), std::string::npos) << r.error().detail;
}

}  // namespace
}  // namespace dbxapps::test
