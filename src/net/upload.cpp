#include <net/upload.hpp>

#include <net/delivery.hpp>
#include <net/stops.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <exception>
#include <utility>

namespace dbxapps::net {
namespace {

using piece_delivery = delivery<result<std::string_view>>;

asio::awaitable<void> read_for(std::shared_ptr<body_source> from, std::shared_ptr<piece_delivery> to) {
    try {
        to->deliver(co_await from->read());
    } catch (const std::exception& e) {
        to->deliver(failure(errc::bad_request, "the body's source threw: " + std::string(e.what())));
    } catch (...) {
        to->deliver(failure(errc::bad_request, "the body's source threw something"));
    }
}

// On its own, as a source may hang and cannot be made to stop.
asio::awaitable<result<std::string_view>> pull(const wire_extra& from, time_point deadline) {
    const auto ex = co_await asio::this_coro::executor;
    const auto to = std::make_shared<piece_delivery>(ex);
    const stops::wait closing(from.closing, to->bell());
    asio::co_spawn(ex, read_for(from.source, to), asio::detached);
    const wake why = co_await wait_for_bell(to->bell(), deadline);
    if (auto got = to->take(); got && why == wake::rung) co_return std::move(*got);
    to->abandon();
    if (why == wake::rung) co_return failure(errc::closed, "the client was closed while waiting for the body's source");
    if (why == wake::cancelled) co_return failure(errc::cancelled, "cancelled while waiting for the body's source");
    co_return failure(errc::timed_out, "the deadline passed while waiting for the body's source");
}

// Cuts what the source gives into what goes on the wire.
class framing {
public:
    explicit framing(const wire_request& r) : size_(r.content_length) {}

    bool hungry() const { return left_.empty() && !ended_; }
    result<void> take(std::string_view piece) {
        left_ = piece;
        ended_ = piece.empty();
        taken_ += piece.size();
        if (size_ == no_length || (ended_ ? taken_ == size_ : taken_ <= size_)) return {};
        return failure(errc::bad_request, "the body's source gave " + std::to_string(taken_) +
                                              (ended_ ? "" : " or more") + " bytes, but its size was " +
                                              std::to_string(size_));
    }
    std::string_view next() {
        constexpr std::size_t most = 64 * 1024;
        const std::string_view data = left_.substr(0, most);
        left_.remove_prefix(data.size());
        if (size_ != no_length) {
            frame_.assign(data);
        } else {
            std::array<char, 16> digits;
            const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), data.size(), 16).ptr;
            frame_.assign(digits.data(), end).append("\r\n").append(data).append("\r\n");
        }
        return frame_;
    }
    bool last() const { return size_ == no_length ? ended_ : left_.empty() && taken_ == size_; }

private:
    const std::uint64_t size_;  // or no_length
    std::string_view left_;     // of the source's piece
    std::uint64_t taken_ = 0;
    bool ended_ = false;
    std::string frame_;
};

connection::need source_failed(connection& line, const wire_request& request, failure why) {
    request.extra->source_failed = true;
    return line.give_up(std::move(why));
}

}  // namespace

result<std::uint64_t> begin_body(body_source& source) {
    try {
        if (auto begun = source.begin(); !begun) return begun.error();
        return source.size().value_or(no_length);
    } catch (const std::exception& e) {
        return failure(errc::bad_request, "the body's source threw: " + std::string(e.what()));
    }
}

asio::awaitable<void> upload(connection& line, const wire_request& request, time_point deadline,
                             connection::need& what) {
    using need = connection::need;
    framing frames(request);
    if (what == need::nothing) co_return;
    if (const auto begun = begin_body(*request.extra->source); !begun)
        what = source_failed(line, request, begun.error());
    while (what != need::nothing && line.sending()) {
        if (what != need::body) {
            unsigned ready = 0;
            if ((co_await asio::this_coro::cancellation_state).cancelled() == asio::cancellation_type::none) {
                ready = co_await line.wait_for(what);
            }
            what = line.came(ready);
            continue;
        }
        if (frames.hungry() && !frames.last()) {
            auto got = co_await pull(*request.extra, deadline);
            auto taken = got ? frames.take(*got) : result<void>(got.error());
            if (!taken) {
                what = source_failed(line, request, std::move(taken).error());
                break;
            }
        }
        const std::string_view frame = frames.next();
        what = line.supply(frame, frames.last());
    }
    line.stop_sending();
}

}  // namespace dbxapps::net
