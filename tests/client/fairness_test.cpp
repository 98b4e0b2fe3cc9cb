// One call does not keep the thread from the others, however quick its peer is.
#include <support/plain_server.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <thread>

namespace dbxapps::test {
namespace {

// Runs on its own thread, so that it may always have more to say.
struct quick_server {
    explicit quick_server(std::vector<exchange_script> script) : plain(io, {std::move(script)}) {}
    ~quick_server() {
        asio::post(io, [this] { plain.stop(); });
        runs.join();
    }
    asio::io_context io;
    plain_server plain;
    std::thread runs{[this] { io.run(); }};
};

// Takes a turn whenever it gets one.
void keep_counting(asio::io_context& io, const bool& over, std::size_t& turns) {
    if (over) return;
    ++turns;
    asio::post(io, [&] { keep_counting(io, over, turns); });
}

TEST(Fairness, OthersGetTheirTurnWhileALargeAnswerComes) {
    constexpr std::size_t size = 32 << 20, most_in_one_turn = 2 << 20;
    quick_server server({ok(std::string(size, 'x'))});
    asio::io_context io;
    auto c = plain_client(io).handle;
    bool over = false;
    std::size_t turns = 0;
    asio::co_spawn(
        io,
        [&]() -> awaitable<void> {
            const auto answer = co_await c.try_send(get(server.plain.url()));
            EXPECT_TRUE(answer && answer->body().size() == size);
            over = true;
            c.close();
        },
        asio::detached);
    keep_counting(io, over, turns);
    run_out(io);
    EXPECT_GE(turns, size / most_in_one_turn);
}

}  // namespace
}  // namespace dbxapps::test
