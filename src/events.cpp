#include <dbxapps/events.hpp>

#include <apps/event_stream.hpp>
#include <net/shielded.hpp>
#include <text/ascii.hpp>
#include <text/fields.hpp>

#include <algorithm>
#include <utility>

namespace dbxapps {

namespace asio = boost::asio;

end_marker ends_with_data(std::string data) {
    return [data = std::move(data)](const event& e) { return e.data == data; };
}

end_marker ends_with_types(std::vector<std::string> types) {
    return [types = std::move(types)](const event& e) {
        return std::find(types.begin(), types.end(), e.type) != types.end();
    };
}

end_marker ends_anywhere() { return {}; }

class event_reader::impl {
public:
    impl(response_stream from, end_marker last, event_limits limits)
        : from_(std::move(from)), head_(from_.head()), last_(std::move(last)), events_(limits) {}

    static asio::awaitable<result<std::optional<event>>> next(std::shared_ptr<impl> self) {
        while (!self->over_) {
            if (auto e = self->events_.next(self->left_)) co_return self->given(std::move(*e));
            if (self->events_.failed()) co_return self->refused();
            auto piece = co_await self->from_.read_some();
            if (!piece || piece->empty()) co_return self->ended(piece);
            self->left_ = *piece;
        }
        co_return std::optional<event>();
    }

    const response& head() const noexcept { return head_; }
    const apps::event_stream& events() const noexcept { return events_; }

private:
    result<std::optional<event>> given(event e) {
        ++count_;
        over_ = last_ && last_(e);
        if (over_) from_ = response_stream();
        return std::optional<event>(std::move(e));
    }
    result<std::optional<event>> refused() {
        from_ = response_stream();
        return failure(errc::response_too_large, events_.problem());
    }
    result<std::optional<event>> ended(const result<std::string_view>& piece) {
        if (!piece && !piece.error().is(errc::connection_lost)) return piece.error();
        if (piece && !last_) return std::optional<event>();
        failure why = piece ? failure() : piece.error();
        const std::string how = piece ? "the event stream ended" : why.detail + ", and so ended the event stream";
        why.code = errc::truncated_stream;
        why.detail = how + " after " + std::to_string(count_) + " events without its end marker" +
                     (events_.mid_event() ? ", in the middle of one" : "") +
                     "; the front door cuts streams after some minutes: go on from the last event id, or make it a job "
                     "that is asked for its result";
        why.status = head_.status();
        why.may_have_arrived = true;
        why.attempts = 1;
        return why;
    }

    response_stream from_;
    const response head_;
    const end_marker last_;
    apps::event_stream events_;
    std::string_view left_;  // of the piece at hand
    std::uint64_t count_ = 0;
    bool over_ = false;
};

namespace {

asio::awaitable<result<std::optional<event>>> empty_reader() {
    co_return failure(errc::closed, "the event reader is empty: it was default-constructed or moved from");
}

bool is_event_stream(const response& head) {
    const std::string_view type = head.header("content-type").value_or("");
    return head.status() == 200 && text::same(text::trimmed(type.substr(0, type.find(';'))), "text/event-stream");
}

// What the answer says is not quoted: it may be anything.
failure no_event_stream(const request& r, const response& head) {
    failure why(errc::bad_response, std::string(r.method()) + " " + std::string(r.url().substr(0, r.url().find('?'))) +
                                        ": the answer is no event stream but status " + std::to_string(head.status()) +
                                        " of type '" + text::printable(head.header("content-type").value_or(""), 60) +
                                        "'; check the path, and that the app streams there");
    why.status = head.status();
    why.may_have_arrived = true;
    why.attempts = 1;
    return why;
}

asio::awaitable<result<event_reader>> open_as_events(client c, request r, end_marker last, event_limits limits) {
    std::string_view fields = r.headers();
    if (!text::next_field(fields, "accept")) r.with("Accept", "text/event-stream");
    auto opened = co_await c.open(r);
    if (!opened) co_return std::move(opened).error();
    if (is_event_stream(opened->head())) co_return event_reader(std::move(*opened), std::move(last), limits);
    co_return no_event_stream(r, opened->head());
}

}  // namespace

event_reader::event_reader(response_stream from, end_marker last, event_limits limits)
    : impl_(std::make_shared<impl>(std::move(from), std::move(last), limits)) {}
event_reader::event_reader() noexcept = default;
event_reader::event_reader(event_reader&&) noexcept = default;
event_reader& event_reader::operator=(event_reader&&) noexcept = default;
event_reader::~event_reader() = default;

asio::awaitable<result<std::optional<event>>> event_reader::next() {
    return impl_ ? net::shielded(impl::next(impl_)) : empty_reader();
}

const response& event_reader::head() const noexcept {
    static const response none;
    return impl_ ? impl_->head() : none;
}

const std::string& event_reader::last_event_id() const noexcept {
    static const std::string none;
    return impl_ ? impl_->events().last_event_id() : none;
}

std::optional<duration> event_reader::retry() const noexcept { return impl_ ? impl_->events().retry() : std::nullopt; }

asio::awaitable<result<event_reader>> open_events(client c, request r, end_marker last, event_limits limits) {
    return net::shielded(open_as_events(std::move(c), std::move(r), std::move(last), limits));
}

}  // namespace dbxapps
