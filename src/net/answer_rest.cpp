#include <net/answer_rest.hpp>

namespace dbxapps::net {

// Gives the connection back at the end of the answer. True: `piece` or `why` is news.
bool answer_rest::take(std::string& piece, std::optional<failure>& why) {
    const bool some = line_->take_piece(piece);
    if (line_->complete()) {
        const time_point now = clock::now();
        if (line_->reusable(now, reuse_)) line_.give_back(now);
        line_ = lease();
    } else if (line_->failed() && !some) {
        why = line_->take_failure().why;
        line_ = lease();
    }
    return some || !line_;
}

// The deadline is disarmed before the connection goes to somebody else.
asio::awaitable<void> answer_rest::wait_for_news(answer_rest& self, time_point deadline) {
    using need = connection::need;
    connection& line = *self.line_;
    const armed until(self.loop_, line.guard(), deadline);
    need what = line.more();
    while (what != need::nothing) {
        unsigned ready = 0;
        if ((co_await asio::this_coro::cancellation_state).cancelled() == asio::cancellation_type::none) {
            ready = co_await line.wait_for(what);
        }
        what = line.came(ready);
    }
}

asio::awaitable<void> answer_rest::read(answer_rest& self, time_point deadline, std::string& piece,
                                        std::optional<failure>& why) {
    piece.clear();
    if (!self.line_) co_return;
    do {
        co_await wait_for_news(self, deadline);
    } while (!self.take(piece, why));
}

// Reads what is there, and a bit of it only: a new connection costs less than a large body that nobody wants.
void answer_rest::drain() noexcept {
    constexpr std::size_t most = 256 * 1024;
    std::string piece;
    std::optional<failure> why;
    try {
        for (std::size_t read = 0; line_ && read < most; read += piece.size()) {
            if (line_->look() != connection::need::nothing) break;
            take(piece, why);
        }
    } catch (...) {  // no memory: dropped, then
    }
}

// While the context is being destroyed, perhaps by another thread, its sockets are not ours to read.
answer_rest::~answer_rest() {
    if (!line_) return;
    const loop_state::pin pinned(loop_.state());
    if (pinned && !line_->sending()) drain();  // what is being sent is the caller's, and nobody's any more
    line_ = lease();
}

}  // namespace dbxapps::net
