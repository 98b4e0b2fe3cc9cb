#include <net/shielded.hpp>
#include <token_cache_impl.hpp>

namespace dbxapps {

token_cache::token_cache(boost::asio::any_io_executor ex, std::unique_ptr<token_source> source, token_options options)
    : impl_(impl::make(std::move(ex), std::move(source), std::move(options))) {}

token_cache::~token_cache() { impl_->close(); }

// Plain functions: the coroutine holds the core, so this object may go before it starts.
boost::asio::awaitable<result<token_ptr>> token_cache::get(time_point deadline) {
    return net::shielded(impl::get(impl_, deadline));
}
token_ptr token_cache::try_get(time_point now) noexcept { return impl_->try_get(now); }
void token_cache::reject(const token& refused) noexcept { impl_->reject(refused); }
bool token_cache::refreshing() const noexcept { return impl_->refreshing(); }
time_point token_cache::now() const { return impl_->now(); }
token_counters token_cache::counters() const noexcept { return impl_->counters(); }
void token_cache::close() noexcept { impl_->close(); }

std::shared_ptr<token_cache> make_token_cache(boost::asio::any_io_executor ex, std::unique_ptr<token_source> source,
                                              token_options options) {
    return std::make_shared<token_cache>(std::move(ex), std::move(source), std::move(options));
}

}  // namespace dbxapps
