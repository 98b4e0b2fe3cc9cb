#include <net/connection.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <cerrno>

namespace dbxapps::net {
namespace {

using tcp = asio::ip::tcp;

core::connection_fault fault_of(const io_result& r) {
    if (r.state == io_state::end) return core::connection_fault::end_of_stream;
    if (r.error == boost::system::errc::broken_pipe) return core::connection_fault::broken_pipe;
    if (r.error == boost::system::errc::connection_reset) return core::connection_fault::reset;
    return core::connection_fault::other;
}

std::string words_of(const io_result& r) {
    if (r.state == io_state::end) return "the peer closed the connection";
    if (r.error) return r.error.message();
    const std::string tls = openssl_words();
    return tls.empty() ? "TLS failed" : "TLS says: " + tls;
}

// Armed for as long as an operation runs.
class armed {
public:
    armed(const loop& l, deadline_target& t, time_point at) : loop_(l), target_(t) {
        l.state().arm(t, at, l.executor());
    }
    ~armed() { loop_.state().disarm(target_); }
    armed(const armed&) = delete;
    armed& operator=(const armed&) = delete;

private:
    const loop& loop_;
    deadline_target& target_;
};

}  // namespace

connection::connection(tcp::socket socket, ssl_ptr ssl, loop where, std::string peer,
                       std::shared_ptr<tls_sessions> sessions)
    : sessions_(std::move(sessions)),
      socket_(std::move(socket)),
      stream_(socket_.native_handle(), std::move(ssl)),
      loop_(std::move(where)),
      peer_(std::move(peer)),
      opened_(clock::now()) {
    guard_.watch(socket_.native_handle());
}

connection::~connection() {
    if (polite_) stream_.say_goodbye();
    guard_.forget();
}

asio::awaitable<connection::readiness> connection::wait(tcp::socket::wait_type what) {
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return readiness::cancelled;
    const auto [ec] = co_await socket_.async_wait(what, asio::as_tuple(asio::use_awaitable));
    if (guard_.why()) co_return readiness::ended;
    co_return ec ? readiness::cancelled : readiness::ready;
}

failure connection::ended_failure(std::string_view doing) const {
    const errc why = guard_.why().value_or(errc::connection_lost);
    const std::string words = std::string(doing) + " " + peer_;
    if (why == errc::timed_out) return {why, "the deadline passed while " + words};
    if (why == errc::closed) return {why, "the client was closed while " + words};
    return {why, "ended while " + words};
}

failure connection::handshake_failure(const io_result& r) const {
    if (const std::string verify = stream_.verify_words(); !verify.empty()) {
        openssl_words();
        return {errc::tls_failed, "the certificate of " + peer_ + " is not accepted: " + verify +
                                      "; check the host name and the clock, and name the CA in tls.extra_ca_pem if it "
                                      "is one of your own"};
    }
    return {errc::tls_failed,
            "the TLS handshake with " + peer_ + " failed: " + words_of(r) +
                "; check that it is an https port and nothing on the way meddles with TLS",
            r.error};
}

asio::awaitable<result<void>> connection::handshake(time_point deadline) {
    const armed until(loop_, guard_, deadline);
    for (;;) {
        const io_result r = stream_.handshake();
        if (r.state == io_state::done) co_return result<void>();
        if (guard_.why()) co_return ended_failure("shaking hands with");
        if (r.state != io_state::want_read && r.state != io_state::want_write) co_return handshake_failure(r);
        const readiness ready =
            co_await wait(r.state == io_state::want_read ? tcp::socket::wait_read : tcp::socket::wait_write);
        if (ready == readiness::ended) co_return ended_failure("shaking hands with");
        if (ready == readiness::cancelled) co_return failure(errc::cancelled, "cancelled while dialling " + peer_);
    }
}

exchange_result connection::fail(failure why, core::connection_fault fault, std::uint64_t sent_before) const {
    exchange_result out;
    out.why = std::move(why);
    out.fault = fault;
    out.written = stream_.bytes_sent() > sent_before;
    out.response_started = parser_.started();
    out.why.may_have_arrived = out.written;
    return out;
}

exchange_result connection::fail(const io_result& r, std::string_view doing, std::uint64_t sent_before) const {
    if (guard_.why()) return fail(ended_failure(doing), core::connection_fault::other, sent_before);
    const std::string words = "while " + std::string(doing) + " " + peer_ + ": " + words_of(r);
    return fail(failure(errc::connection_lost, words, r.error), fault_of(r), sent_before);
}

exchange_result connection::fail(readiness how, std::string_view doing, std::uint64_t sent_before) const {
    if (how == readiness::ended) return fail(ended_failure(doing), core::connection_fault::other, sent_before);
    return fail(failure(errc::cancelled, "cancelled while " + std::string(doing) + " " + peer_),
                core::connection_fault::other, sent_before);
}

exchange_result connection::answered() {
    complete_ = true;
    exchange_result out;
    out.answer = parser_.take();
    return out;
}

// Reads what is there, on the stack: an idle connection holds no buffer. Never called right after a request, when the
// answer cannot be there yet.
std::optional<exchange_result> connection::receive(std::uint64_t sent_before) {
    std::array<char, 16 * 1024> buffer;
    for (;;) {
        const io_result r = stream_.read(buffer.data(), buffer.size());
        if (r.state == io_state::want_read) return std::nullopt;
        answer_parser::state state = answer_parser::state::more;
        if (r.state == io_state::done) state = parser_.feed(buffer.data(), r.bytes);
        if (r.state == io_state::end && !guard_.why() && parser_.started()) state = parser_.end_of_stream(r.clean);
        if (state == answer_parser::state::complete) return answered();
        if (state == answer_parser::state::failed) {
            failure why = parser_.why();
            why.detail = "from " + peer_ + ": " + why.detail;
            return fail(std::move(why), core::connection_fault::other, sent_before);
        }
        if (r.state != io_state::done) return fail(r, "reading the answer of", sent_before);
    }
}

// Nothing: all of it is out.
asio::awaitable<std::optional<exchange_result>> connection::send_all(std::string_view bytes,
                                                                     std::uint64_t sent_before) {
    while (!bytes.empty()) {
        const io_result r = stream_.write(bytes.data(), bytes.size());
        if (r.state == io_state::done) {
            bytes.remove_prefix(r.bytes);
            continue;
        }
        if (r.state == io_state::end || r.state == io_state::failed) {
            // A server may refuse a body by answering early and closing: then the answer is the news.
            exchange_result lost = fail(r, "sending to", sent_before);
            if (stream_.bytes_sent() > sent_before && !guard_.why()) {
                auto early = receive(sent_before);
                if (early && early->answer) co_return early;
                lost.response_started = parser_.started();
            }
            co_return lost;
        }
        const readiness ready =
            co_await wait(r.state == io_state::want_read ? tcp::socket::wait_read : tcp::socket::wait_write);
        if (ready != readiness::ready) co_return fail(ready, "sending to", sent_before);
    }
    co_return std::nullopt;
}

asio::awaitable<exchange_result> connection::exchange(const outgoing& out, time_point deadline) {
    const armed until(loop_, guard_, deadline);
    const std::uint64_t sent_before = stream_.bytes_sent();
    complete_ = false;
    parser_.start(out.answers_head, out.limits);
    for (const std::string_view part : {out.head, out.body}) {
        // Most requests fit the socket's buffer: no coroutine for those.
        const io_result r = part.empty() ? io_result{} : stream_.write(part.data(), part.size());
        if (part.empty() || (r.state == io_state::done && r.bytes == part.size())) continue;
        const std::size_t done = r.state == io_state::done ? r.bytes : 0;
        auto ended = co_await send_all(part.substr(done), sent_before);
        if (!ended) continue;
        complete_ = false;  // even an early answer leaves a request unfinished
        co_return std::move(*ended);
    }
    for (;;) {
        const readiness ready = co_await wait(tcp::socket::wait_read);
        if (ready != readiness::ready) co_return fail(ready, "waiting for the answer of", sent_before);
        if (auto ended = receive(sent_before)) co_return std::move(*ended);
    }
}

bool connection::reusable(time_point now, const core::reuse_limits& limits) {
    core::exchange_end end;
    end.message_complete = complete_;
    end.keep_alive = complete_ && parser_.keep_alive();
    end.bytes_pending = parser_.stray_bytes() || stream_.bytes_pending();
    end.in_time = !guard_.why();
    end.age = now - opened_;
    // Only what was received already: asking the socket would cost a system call per exchange.
    end.peek_wants_read = complete_ && stream_.peek(false) == tls_stream::peek_result::quiet;
    return core::judge_reuse(end, limits) == core::reuse_verdict::keep;
}

bool connection::still_quiet() { return !guard_.why() && stream_.peek(true) == tls_stream::peek_result::quiet; }

}  // namespace dbxapps::net
