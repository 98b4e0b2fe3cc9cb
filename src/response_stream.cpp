#include <response_stream_impl.hpp>

#include <call_elsewhere.hpp>
#include <core/deadline.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <utility>

namespace dbxapps {
namespace {

asio::awaitable<result<std::string_view>> empty_stream() {
    co_return failure(errc::closed, "the stream is empty: it was default-constructed or moved from");
}

}  // namespace

response_stream::impl::impl(std::shared_ptr<client::impl> c, std::unique_ptr<body_reader> body, response head,
                            std::string what, duration idle_within)
    : client_(std::move(c)),
      head_(std::move(head)),
      what_(std::move(what)),
      idle_within_(idle_within),
      first_(std::exchange(head_.body(), std::string())),
      body_(std::move(body)) {
    counted_.emplace(&client_->calls_in_flight());
}

asio::awaitable<result<std::string_view>> response_stream::impl::read_some(std::shared_ptr<impl> self) {
    if (self->failed_) co_return *self->failed_;
    if (self->reading_) {
        co_return failure(errc::bad_request, self->what_ + ": the body is being read already; one read at a time");
    }
    const bool throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    std::optional<outcome> out;
    std::exception_ptr thrown;
    self->reading_ = true;
    try {
        co_await read_to(self, out);
        if (!*out) self->failed_ = out->error();
    } catch (...) {
        thrown = std::current_exception();
    }
    self->reading_ = false;
    co_await asio::this_coro::throw_if_cancelled(throws);
    if (thrown) std::rethrow_exception(thrown);
    co_return std::move(*out);
}

asio::awaitable<void> response_stream::impl::read_to(std::shared_ptr<impl> self, std::optional<outcome>& out) {
    if (self->client_->where().owns(co_await asio::this_coro::executor)) {
        out.emplace(co_await next(self));
        co_return;
    }
    const work_for<std::string_view> work = [self] { return next(self); };
    const time_point deadline = core::no_later_than(time_point::max(), clock::now(), self->idle_within_);
    co_await do_elsewhere<std::string_view>(self->client_->where(), self->client_->waits(), deadline, work, out);
    if (!*out) out->error() = self->explained(std::move(*out).error());
}

// A quick peer and a packed body need no wait for long: others have their turn now and then.
asio::awaitable<result<std::string_view>> response_stream::impl::next(std::shared_ptr<impl> self) {
    constexpr unsigned at_a_stretch = 32;
    if (++self->reads_ % at_a_stretch == 0) co_await asio::post(asio::use_awaitable);
    if (!self->first_.empty()) {
        self->piece_ = std::exchange(self->first_, std::string());
        co_return std::string_view(self->piece_);
    }
    if (!self->body_) co_return std::string_view();
    const time_point deadline = core::no_later_than(time_point::max(), clock::now(), self->idle_within_);
    std::optional<failure> why;
    co_await body_reader::read(*self->body_, deadline, self->piece_, why);
    if (!why && !self->piece_.empty()) co_return std::string_view(self->piece_);
    co_return self->over(std::move(why));
}

result<std::string_view> response_stream::impl::over(std::optional<failure> why) {
    body_.reset();
    counted_.reset();
    if (!why) return std::string_view();
    return explained(std::move(*why));
}

failure response_stream::impl::explained(failure why) const {
    if (!why.detail.starts_with(what_)) why.detail = what_ + ": " + why.detail;
    why.status = head_.status();
    why.may_have_arrived = true;
    why.attempts = 1;
    return why;
}

response_stream::response_stream() noexcept = default;
response_stream::response_stream(std::shared_ptr<impl> i) noexcept : impl_(std::move(i)) {}

const response& response_stream::head() const noexcept {
    static const response none;
    return impl_ ? impl_->head() : none;
}

asio::awaitable<result<std::string_view>> response_stream::read_some() {
    return impl_ ? impl::read_some(impl_) : empty_stream();
}

}  // namespace dbxapps
