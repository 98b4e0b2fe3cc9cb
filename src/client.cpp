#include <client_impl.hpp>
#include <net/shielded.hpp>

#include <utility>

namespace dbxapps {
namespace {

boost::asio::awaitable<result<response>> empty_client() {
    co_return failure(errc::closed, "the client is empty: it was default-constructed or moved from");
}

boost::asio::awaitable<response> or_throw(boost::asio::awaitable<result<response>> inner) {
    auto r = co_await std::move(inner);
    if (!r) throw error(r.error());
    co_return std::move(*r);
}

}  // namespace

// The last copy of a client lets go of this, while calls in flight keep the core.
struct client::handle {
    explicit handle(std::shared_ptr<client::impl> c) : impl(std::move(c)) {}
    handle(const handle&) = delete;
    handle& operator=(const handle&) = delete;
    ~handle() { impl->retire(); }
    const std::shared_ptr<client::impl> impl;
};

client::client() noexcept = default;

client::client(boost::asio::any_io_executor ex, std::shared_ptr<token_cache> tokens, client_options options)
    : handle_(std::make_shared<handle>(impl::make(std::move(ex), std::move(tokens), std::move(options)))) {}

// Plain functions: the coroutine holds the core by value, so the client may go before it starts.
boost::asio::awaitable<result<response>> client::try_send(request r) const {
    if (!handle_) return empty_client();
    return net::shielded(impl::call(handle_->impl, std::move(r)));
}

boost::asio::awaitable<response> client::send(request r) const { return or_throw(try_send(std::move(r))); }

std::shared_ptr<token_cache> client::tokens() const noexcept { return handle_ ? handle_->impl->tokens() : nullptr; }

client_counters client::counters() const noexcept { return handle_ ? handle_->impl->counters() : client_counters(); }

void client::close() noexcept {
    if (handle_) handle_->impl->close();
}

}  // namespace dbxapps
