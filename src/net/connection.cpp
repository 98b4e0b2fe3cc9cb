#include <net/connection.hpp>

#include <openssl/crypto.h>

#include <array>
#include <cerrno>
#include <limits>

namespace dbxapps::net {
namespace {

core::connection_fault fault_of(const io_result& r) {
    if (r.state == io_state::end) return core::connection_fault::end_of_stream;
    if (r.error == boost::system::errc::broken_pipe) return core::connection_fault::broken_pipe;
    if (r.error == boost::system::errc::connection_reset) return core::connection_fault::reset;
    return core::connection_fault::other;
}

std::string words_of(const io_result& r) {
    if (r.state == io_state::end) return "the peer closed the connection";
    if (r.error) return r.error.message();
    const std::string tls = openssl_words(r.tls);
    return tls.empty() ? "TLS failed" : "TLS says: " + tls;
}

// It holds a token. All of its memory: it may have been longer.
void forget(std::string& output) noexcept {
    OPENSSL_cleanse(output.data(), output.capacity());
    std::string().swap(output);
}

// So many steps at most before others get their turn: a peer as quick as we are would never let go of the thread, and
// no deadline could end it.
constexpr int most_steps = 128;

}  // namespace

connection::connection(socket connected, ssl_ptr ssl, loop where, std::string peer,
                       std::shared_ptr<tls_sessions> sessions, std::shared_ptr<tls_stream> outer)
    : sessions_(std::move(sessions)),
      socket_(std::move(connected)),
      stream_(socket_.descriptor(), std::move(ssl), std::move(outer)),
      loop_(std::move(where)),
      peer_(std::move(peer)),
      opened_(clock::now()) {
    guard_.watch(socket_.descriptor());
}

connection::~connection() {
    forget(output_);
    if (polite_) stream_.say_goodbye();
    guard_.forget();
}

void connection::rest() noexcept {
    stream_.free_buffers();
    parser_.rest();
    forget(output_);
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
        return {errc::tls_failed, "the certificate of " + peer_ + " is not accepted: " + verify +
                                      "; check the host name and the clock, and name the CA in tls.extra_ca_pem if it "
                                      "is one of your own"};
    }
    return {errc::tls_failed,
            "the TLS handshake with " + peer_ + " failed: " + words_of(r) +
                "; check that it is an https port and nothing on the way meddles with TLS",
            r.state == io_state::end ? error_code(asio::error::eof) : r.error};
}

asio::awaitable<result<void>> connection::handshake(time_point deadline) {
    const armed until(loop_, guard_, deadline);
    io_result r = stream_.handshake();
    while (r.state == io_state::want_read || r.state == io_state::want_write) {
        const unsigned what = r.state == io_state::want_read ? poller::input : poller::output;
        const unsigned ready = co_await socket_.wait(what, asio::deferred);
        if (guard_.why()) break;
        if (ready == 0) co_return failure(errc::cancelled, "cancelled while dialling " + peer_);
        refill(ready);
        r = stream_.handshake();
    }
    co_return shaken(r);
}

void connection::refill(unsigned ready) noexcept {
    if (ready & poller::input) stream_.refill((ready & (poller::over | poller::urgent)) != 0);
}

result<void> connection::shaken(const io_result& r) {
    if (guard_.why()) return ended_failure("shaking hands with");
    if (r.state != io_state::done) return handshake_failure(r);
    stream_.peek(false);  // what came behind the handshake, tickets as a rule, is OpenSSL's to keep
    return {};
}

std::string_view connection::doing() const noexcept {
    if (sending() || !unsent_body_.empty()) return "sending to";
    return parser_.started() ? "reading the answer of" : "waiting for the answer of";
}

connection::need connection::fail(failure why, core::connection_fault fault) {
    exchange_failure out;
    out.why = std::move(why);
    out.fault = fault;
    out.written = stream_.bytes_sent() > sent_before_;
    out.response_started = parser_.started();
    out.why.may_have_arrived = out.written;
    failed_ = std::move(out);
    return need::nothing;
}

connection::need connection::fail(const io_result& r) {
    if (guard_.why()) return fail(ended_failure(doing()), core::connection_fault::other);
    const std::string words = "while " + std::string(doing()) + " " + peer_ + ": " + words_of(r);
    if (refuses_our_certificate(r.tls)) {
        return fail({errc::tls_failed, words + "; set tls.client_certificate_pem to one that it accepts"},
                    core::connection_fault::other);
    }
    return fail(failure(errc::connection_lost, words, r.error), fault_of(r));
}

connection::need connection::answer_failed() {
    failure why = parser_.why();
    why.detail = "from " + peer_ + ": " + why.detail;
    return fail(std::move(why), core::connection_fault::other);
}

connection::need connection::begin(const wire_request& request, const answer_limits& limits) {
    sent_before_ = stream_.bytes_sent();
    complete_ = cut_ = false;
    streamed_ = request.streamed;
    wants_body_ = request.has_source();
    failed_.reset();
    constexpr auto all = std::numeric_limits<std::uint64_t>::max();
    parser_.start(request.answers_head(), {limits.head, streamed_ ? all : limits.body});
    return send_head(request);
}

// The socket usually takes it at once, so it is written on the stack, and kept only as far as it was not taken.
connection::need connection::send_head(const wire_request& request) {
    std::array<char, 4096> small;
    const std::size_t size = request.size();
    const bool fits = size <= small.size();
    if (output_.capacity() < size && !fits) forget(output_);
    if (!fits) output_.resize(size);
    char* const head = fits ? small.data() : output_.data();
    request.write_to(head);
    unsent_ = {head, size};
    unsent_body_ = request.joins_body() ? std::string_view() : request.body;
    const std::size_t body = unsent_body_.size();
    const need what = send();
    if (fits && !unsent_.empty() && unsent_body_.size() == body) {  // else it is gone, and the body has its place
        output_.assign(unsent_);
        unsent_ = output_;
    }
    return what;
}

// Others have their turn first. A wait tells only what is new, and this is not.
connection::need connection::again() {
    socket_.stir();
    return need::room;
}

// Writes before it waits: most requests fit the socket's buffer. It does not read before it waits: no answer can be
// there yet.
connection::need connection::send() {
    for (int steps = 0; !unsent_.empty(); ++steps) {
        if (steps == most_steps) return again();
        const io_result r = stream_.write(unsent_.data(), unsent_.size());
        if (r.state == io_state::want_read) return need::input;
        if (r.state == io_state::want_write) return need::room;
        if (r.state != io_state::done) return sending_failed(r);
        unsent_.remove_prefix(r.bytes);
        if (unsent_.empty()) unsent_ = std::exchange(unsent_body_, {});
    }
    if (wants_body_) return need::body;
    return stream_.dry() ? need::input : receive();
}

// A server may refuse a body by answering early and closing: then the answer is the news.
connection::need connection::sending_failed(const io_result& r) {
    if (stream_.bytes_sent() == sent_before_ || guard_.why()) return fail(r);
    stream_.refill();
    const need heard = receive();
    if (heard == need::room) return need::room;                      // there is more of it
    const bool told = failed_ && failed_->why.is(errc::tls_failed);  // an alert says more than the write
    return heard == need::nothing && (!failed_ || told) ? need::nothing : fail(r);
}

// Reads on the stack: an idle connection holds no buffer.
connection::need connection::receive() {
    std::array<char, 16 * 1024> buffer;
    for (int steps = 0;; ++steps) {
        if (steps == most_steps) return again();
        const io_result r = stream_.read(buffer.data(), buffer.size());
        if (r.state == io_state::want_read) return need::input;
        if (r.state == io_state::want_write) return need::output;  // a reply of TLS itself comes before what it reads
        answer_parser::state state = answer_parser::state::more;
        if (r.state == io_state::done) state = parser_.feed(buffer.data(), r.bytes);
        if (r.state == io_state::end && !guard_.why() && parser_.started()) state = parser_.end_of_stream(r.clean);
        complete_ = state == answer_parser::state::complete;
        if (complete_) return need::nothing;
        if (state == answer_parser::state::failed) return answer_failed();
        if (streamed_ && parser_.has_news()) return need::nothing;
        if (r.state != io_state::done) return fail(r);
    }
}

// A server may answer before it has read everything, or while it does: then it waits for us to read.
connection::need connection::came(unsigned ready) {
    if (guard_.why()) return fail(io_result());
    if (ready == 0) {
        return fail(failure(errc::cancelled, "cancelled while " + std::string(doing()) + " " + peer_),
                    core::connection_fault::other);
    }
    refill(ready);
    const bool may_hear = !stream_.dry() || unsent_.empty();
    const need heard = may_hear ? receive() : need::input;
    return heard == need::input && sending() ? send() : heard;
}

connection::need connection::more() {
    if (complete_ || failed_) return need::nothing;
    const need heard = receive();
    return heard == need::input && sending() ? send() : heard;
}

// Listens first: who refuses a body says so before all of it is there.
connection::need connection::supply(std::string_view piece, bool last) {
    unsent_ = piece;
    wants_body_ = !last;
    stream_.refill();
    const need heard = receive();
    return heard == need::input ? send() : heard;
}

void connection::stop_sending() noexcept {
    cut_ = cut_ || sending();
    unsent_ = {};
    wants_body_ = false;
}

bool connection::reusable(time_point now, const core::reuse_limits& limits) {
    core::exchange_end end;
    end.message_complete = complete_ && !sending() && !cut_;  // an early answer leaves a request unfinished
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
