#include <client_impl.hpp>
#include <net/shielded.hpp>

#include <optional>
#include <utility>

namespace dbxapps {
namespace {

boost::asio::awaitable<result<response>> empty_client() {
    co_return failure(errc::closed, "the client is empty: it was default-constructed or moved from");
}

boost::asio::awaitable<result<response_stream>> empty_client_opened() {
    auto r = co_await empty_client();
    co_return r.error();
}

boost::asio::awaitable<response> empty_client_thrown() {
    auto r = co_await empty_client();
    throw error(r.error());
}

}  // namespace

client::client() noexcept = default;

client::client(boost::asio::any_io_executor ex, std::shared_ptr<token_cache> tokens, client_options options)
    : handle_(std::make_shared<handle>(impl::make(std::move(ex), std::move(tokens), std::move(options)))) {}

// Plain functions: the coroutine holds the core by value, so the client may go before it starts.
boost::asio::awaitable<result<response>> client::try_send(request r) const {
    if (!handle_) return empty_client();
    return impl::call<result<response>>(handle_->impl, std::move(r));
}

boost::asio::awaitable<response> client::send(request r) const {
    if (!handle_) return empty_client_thrown();
    return impl::call<response>(handle_->impl, std::move(r));
}

boost::asio::awaitable<result<response_stream>> client::open(request r) const {
    if (!handle_) return empty_client_opened();
    return net::shielded(impl::open(handle_->impl, std::move(r)));
}

std::shared_ptr<token_cache> client::tokens() const noexcept { return handle_ ? handle_->impl->tokens() : nullptr; }

client_counters client::counters() const noexcept { return handle_ ? handle_->impl->counters() : client_counters(); }

std::vector<origin_metrics> client::metrics() const {
    return handle_ ? handle_->impl->metrics() : std::vector<origin_metrics>();
}

void client::close() noexcept {
    if (handle_) handle_->impl->close();
}

}  // namespace dbxapps
