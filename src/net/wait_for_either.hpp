// Waits until a socket can be read from or written to, whichever comes first.
//
// Completes when both of its waits are over, so nothing touches the socket afterwards. Cancellation: terminal, partial
// and total, as the waits it is made of.
#pragma once

#include <net/loop.hpp>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <atomic>
#include <memory>
#include <utility>

namespace dbxapps::net {
namespace detail {

template <class Handler>
class either_wait : public std::enable_shared_from_this<either_wait<Handler>> {
public:
    either_wait(asio::ip::tcp::socket& socket, Handler handler) : socket_(socket), handler_(std::move(handler)) {}

    void start() {
        const auto ex = asio::get_associated_executor(handler_, socket_.get_executor());
        if (auto slot = asio::get_associated_cancellation_slot(handler_); slot.is_connected()) {
            slot.assign([weak = this->weak_from_this()](asio::cancellation_type) {
                if (const auto self = weak.lock()) self->cancel();
            });
        }
        for (const auto what : {asio::socket_base::wait_read, asio::socket_base::wait_write}) {
            socket_.async_wait(what, asio::bind_executor(ex, [self = this->shared_from_this()](
                                                                 boost::system::error_code ec) { self->came(ec); }));
        }
    }

private:
    void cancel() noexcept {
        boost::system::error_code ignored;
        socket_.cancel(ignored);
    }
    // The two may come on two threads.
    void came(boost::system::error_code ec) {
        if (!claimed_.exchange(true)) {
            first_ = ec;
            cancel();
        }
        if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1) std::move(handler_)(first_);
    }

    asio::ip::tcp::socket& socket_;
    Handler handler_;
    std::atomic<bool> claimed_{false};
    std::atomic<int> left_{2};
    boost::system::error_code first_;
};

}  // namespace detail

// The socket stays until the operation is over.
template <class Token>
auto wait_for_either(asio::ip::tcp::socket& socket, Token&& token) {
    return asio::async_initiate<Token, void(boost::system::error_code)>(
        [&socket](auto handler) {
            using wait = detail::either_wait<std::decay_t<decltype(handler)>>;
            std::make_shared<wait>(socket, std::move(handler))->start();
        },
        token);
}

}  // namespace dbxapps::net
