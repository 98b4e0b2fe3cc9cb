#include <emulator/session.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <utility>

namespace dbxapps::emulated {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t read_size = 17 * 1024;  // a TLS record
constexpr std::size_t write_size = 64 * 1024;
constexpr std::size_t worth_keeping = 1024 * 1024;
constexpr auto goodbye_within = std::chrono::seconds(1);

// In loops, what a co_await gives is named before it is looked at: g++ 12 miscompiles `do .. while (co_await x)` and
// `for (;;) if (!co_await x) break;`.

}  // namespace

session::session(asio::any_io_executor executor, descriptor fd, side where, world& shared)
    : side_(where), world_(shared), stream_(executor, shared.tls), timer_(executor) {
    stream_.next_layer().assign(tcp::v4(), fd.get());
    fd.release();
}

void session::start(std::shared_ptr<session> self) {
    const auto executor = self->executor();
    asio::co_spawn(executor, run(std::move(self)), asio::detached);
}

void session::abort() {
    error_code ignored;
    auto& socket = stream_.next_layer();
    socket.set_option(asio::socket_base::linger(true, 0), ignored);
    socket.close(ignored);
    timer_.cancel();
}

auto session::run(std::shared_ptr<session> self) -> awaitable<void> {
    bool open = co_await self->handshake();
    while (open) {
        open = co_await self->read_request();
        if (open) open = co_await self->answer_request();
        self->let_go_of_memory();
    }
    co_await self->close();
}

auto session::handshake() -> awaitable<bool> {
    const auto [ec] = co_await stream_.async_handshake(asio::ssl::stream_base::server, use_tuple);
    if (ec) co_return false;
    ++(SSL_session_reused(stream_.native_handle()) ? world_.counts.resumed_handshakes : world_.counts.full_handshakes);
    co_return true;
}

auto session::more_input() -> awaitable<bool> {
    const auto [ec, size] = co_await stream_.async_read_some(in_.prepare(read_size), use_tuple);
    in_.commit(size);
    co_return !ec;
}

auto session::read_request() -> awaitable<bool> {
    request_reader& reader = reader_.emplace(head_, body_);
    for (;;) {
        error_code ec;
        if (in_.size() > 0) in_.consume(reader.put(in_.data(), ec));
        if (ec && ec != boost::beast::http::error::need_more) co_return co_await reject(status_of_bad_request(ec));
        if (reader.is_done()) co_return true;
        if (reader.is_header_done() && std::exchange(head_.expects_continue, false))
            (void)co_await write("HTTP/1.1 100 Continue\r\n\r\n");
        const bool more = co_await more_input();
        if (!more) co_return false;
    }
}

auto session::reject(int status) -> awaitable<bool> {
    out_.reset(false, true);
    out_.start(status).body("text/plain", "the emulator cannot read this request\n");
    co_return co_await send();
}

std::optional<emulator_place> session::place() const {
    if (side_ == side::apps) {
        if (app_of_host(head_.host).empty()) return std::nullopt;
        return emulator_place::apps;
    }
    switch (workspace::page_of(head_)) {
        case workspace::page::token: return emulator_place::token_endpoint;
        case workspace::page::apps_api: return emulator_place::apps_api;
        case workspace::page::none: return std::nullopt;
        default: return emulator_place::metadata;
    }
}

auto session::answer_request() -> awaitable<bool> {
    const auto where = place();
    if (where == emulator_place::token_endpoint) ++world_.counts.token_requests;
    if (where == emulator_place::apps) ++world_.counts.app_requests;
    if (where == emulator_place::metadata) ++world_.counts.metadata_requests;
    if (where == emulator_place::apps_api) ++world_.counts.apps_api_requests;
    if (auto fault = where ? world_.faults(*where).strike(head_.host) : nullptr) {
        const fate what = co_await suffer(std::move(fault));
        if (what != fate::as_usual) co_return what == fate::answered;
    }
    if (where == emulator_place::token_endpoint) {
        const std::chrono::milliseconds delay(world_.token_delay_ms.load());
        if (delay.count() > 0 && !co_await sleep(delay)) co_return false;
    }
    compose();
    co_return co_await send();
}

void session::compose() {
    out_.reset(head_.method == "HEAD", !head_.keep_alive);
    side_ == side::apps ? compose_door() : compose_workspace();
}

void session::compose_door() {
    const verdict what = world_.door.judge(head_, clock::now());
    if (what == verdict::let_through) ++world_.counts.calls;
    if (what == verdict::challenged || what == verdict::sent_away) ++world_.counts.refused;
    world_.ids.next(request_id_);
    world_.door.answer_to(what, head_, body_, request_id_, out_);
}

void session::compose_workspace() {
    switch (const auto page = workspace::page_of(head_)) {
        case workspace::page::none: workspace::not_found(out_); break;
        case workspace::page::apps_api:
            world_.ids.next(request_id_);
            world_.api.answer_to(head_, body_, request_id_, clock::now(), out_);
            break;
        case workspace::page::token:
            if (world_.pages.answer_token(head_, body_, clock::now(), std::chrono::system_clock::now(), out_))
                ++world_.counts.tokens_issued;
            break;
        default: world_.pages.answer_metadata(page, out_);
    }
}

auto session::suffer(std::shared_ptr<const emulator_fault> fault) -> awaitable<fate> {
    using kind = emulator_fault::kind;
    switch (fault->what) {
        case kind::delay: co_return co_await sleep(fault->delay) ? fate::as_usual : fate::over;
        case kind::answer: co_return co_await answer_with(*fault) ? fate::answered : fate::over;
        case kind::raw: (void)co_await write(fault->body); break;
        case kind::close_after_body_bytes: co_await stop_short(*fault); break;
        case kind::stall: co_await read_on(); break;
        case kind::reset: abort(); break;
        case kind::close: break;
    }
    co_return fate::over;
}

auto session::answer_with(const emulator_fault& fault) -> awaitable<bool> {
    out_.reset(head_.method == "HEAD", !head_.keep_alive);
    out_.start(fault.status).lines(fault.headers).body(fault.content_type, fault.body);
    co_return co_await send();
}

auto session::stop_short(const emulator_fault& fault) -> awaitable<void> {
    out_.reset(false, false);
    out_.start(fault.status).lines(fault.headers).promise(fault.content_type, fault.body, fault.body.size() / 2);
    (void)co_await write(out_.bytes);
}

auto session::sleep(std::chrono::milliseconds how_long) -> awaitable<bool> {
    timer_.expires_after(std::min<std::chrono::milliseconds>(how_long, std::chrono::hours(24 * 365)));
    const auto [ec] = co_await timer_.async_wait(use_tuple);
    co_return !ec;
}

auto session::write(std::string_view bytes) -> awaitable<bool> {
    const auto [ec, size] = co_await asio::async_write(stream_, asio::buffer(bytes), use_tuple);
    co_return !ec;
}

auto session::send() -> awaitable<bool> {
    if (!co_await write(out_.bytes)) co_return false;
    if (out_.then == answer::rest::request_body && !co_await write(body_)) co_return false;
    const bool fill = out_.then == answer::rest::pattern || out_.then == answer::rest::chunks;
    if (fill && !co_await send_filler()) co_return false;
    co_return !out_.close;
}

auto session::send_filler() -> awaitable<bool> {
    const bool chunked = out_.then == answer::rest::chunks;
    const std::size_t piece = chunked ? chunk_size(out_.length) : write_size;
    for (std::uint64_t sent = 0; sent < out_.length;) {
        out_.bytes.clear();
        while (sent < out_.length && out_.bytes.size() < write_size) {
            const auto text =
                filler_text(sent, static_cast<std::size_t>(std::min<std::uint64_t>(piece, out_.length - sent)));
            if (chunked) {
                append_chunk(out_.bytes, text);
            } else {
                out_.bytes.append(text);
            }
            sent += text.size();
        }
        const bool written = co_await write(out_.bytes);
        if (!written) co_return false;
    }
    if (!chunked) co_return true;
    co_return co_await write("0\r\n\r\n");
}

// Until the client ends the connection, or somebody aborts it.
auto session::read_on() -> awaitable<void> {
    for (bool more = true; more;) {
        in_.clear();
        more = co_await more_input();
    }
}

// close_notify and FIN, then a little patience: closing with unread input would reset the connection, and the client
// might lose the answer that it has not read yet.
auto session::close() -> awaitable<void> {
    auto& socket = stream_.next_layer();
    if (!socket.is_open()) co_return;
    timer_.expires_after(goodbye_within);
    timer_.async_wait([self = weak_from_this()](error_code ec) {
        const auto alive = ec ? nullptr : self.lock();
        if (alive) alive->stream_.next_layer().close(ec);
    });
    SSL_set_shutdown(stream_.native_handle(), SSL_RECEIVED_SHUTDOWN);  // waits for no close_notify in return
    (void)co_await stream_.async_shutdown(use_tuple);
    error_code ec;
    socket.shutdown(tcp::socket::shutdown_send, ec);
    while (!ec) {
        in_.clear();
        const auto [failed, size] = co_await socket.async_read_some(in_.prepare(read_size), use_tuple);
        ec = failed;
    }
    timer_.cancel();
}

void session::let_go_of_memory() {
    if (body_.capacity() > worth_keeping) std::string().swap(body_);
    if (out_.bytes.capacity() > worth_keeping) std::string().swap(out_.bytes);
    if (in_.capacity() > worth_keeping) in_.shrink_to_fit();
}

}  // namespace dbxapps::emulated
