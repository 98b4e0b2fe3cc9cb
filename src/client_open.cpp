// Calls whose answer is streamed: the head now, the body as it is read.
#include <client_impl.hpp>

#include <call_elsewhere.hpp>
#include <core/deadline.hpp>
#include <net/response_builder.hpp>
#include <response_stream_impl.hpp>

#include <utility>

namespace dbxapps {

asio::awaitable<result<response_stream>> client::impl::open(std::shared_ptr<impl> self, request r) {
    if (self->loop_.owns(co_await asio::this_coro::executor)) {
        co_return co_await open_here(self, std::move(r), time_point());
    }
    const time_point now = clock::now();
    const time_point deadline = core::no_later_than(time_point::max(), now, r.within().value_or(self->options_.within));
    const work_for<response_stream> work = [self, r, now] { return open_here(self, r, now); };
    std::optional<result<response_stream>> out;
    co_await do_elsewhere<response_stream>(self->loop_, self->waits_, deadline, work, out);
    if (!*out) co_return explained(std::move(*out).error(), r);
    co_return std::move(*out);
}

asio::awaitable<result<response_stream>> client::impl::open_here(std::shared_ptr<impl> self, request r,
                                                                 time_point entered) {
    auto body = std::make_unique<body_reader>();
    const duration idle_within = r.idle_within().value_or(self->options_.stream_idle_within);
    const auto to = text::parse_url(r.url());
    std::string what = to ? call_words(r, *to) : std::string();
    auto head = co_await call<result<response>>(self, std::move(r), entered, body.get());
    if (!head) co_return std::move(head).error();
    co_return response_stream(
        std::make_shared<response_stream::impl>(self, std::move(body), std::move(*head), std::move(what), idle_within));
}

asio::awaitable<void> client::impl::exchange_head(impl& self, prepared& p, const request& r, body_reader& body,
                                                  time_point now, std::optional<result<response>>& out) {
    body.reset();
    p.wire.streamed = true;
    co_await net::engine::exchange(self.engine_, *p.to->pool, p.wire, now, p.deadline, out, &body.line);
    body.start(self.loop_, self.engine_->reuse());
    if (*out) co_await read_first_bytes(p, r, body, out);
}

// As much as tells whether the app answered or its front door, if the head does not. Pages are small.
asio::awaitable<void> client::impl::read_first_bytes(const prepared& p, const request& r, body_reader& body,
                                                     std::optional<result<response>>& out) {
    constexpr std::size_t enough = 64 * 1024;
    response& head = **out;
    const auto coding = text::coding_of(head.header("content-encoding").value_or(""));
    const bool packed = p.unpack && response_builder::coded(head) && coding && head.status() != 206;
    if (packed) {
        body.unpack(*coding, std::move(head.body()));
        response_builder::recode(head, "");
    }
    if (!apps::body_tells(head, {p.tokens->host(), p.to->app, r.headers()})) co_return;
    std::string piece;
    std::optional<failure> why;
    for (bool more = true; more && head.body().size() < enough;) {
        co_await body_reader::read(body, p.deadline, piece, why);
        more = !piece.empty() && !why;
        head.body().append(piece);
    }
    if (!why) co_return;
    why->status = head.status();
    why->may_have_arrived = true;
    why->attempts = 1;
    out.emplace(std::move(*why));
}

}  // namespace dbxapps
