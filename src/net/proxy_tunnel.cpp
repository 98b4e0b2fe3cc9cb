#include <net/proxy_tunnel.hpp>

#include <config/environment.hpp>
#include <user_agent.hpp>

#include <boost/asio/deferred.hpp>

#include <array>
#include <utility>

namespace dbxapps::net {
namespace {

constexpr std::string_view no_proxy =
    "check that it is an HTTP proxy, and whether its URL has to be http:// or https://";

std::string request_for(const config::proxy& by, const std::string& target) {
    std::string out = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\nUser-Agent: ";
    out.append(product()).append("\r\n");
    if (!by.authorization.empty()) out += "Proxy-Authorization: " + by.authorization + "\r\n";
    return out + "\r\n";
}

// tinyproxy answers wrong credentials with 401, and a host that it cannot reach with 500.
std::string_view advice_for(int status, bool with_credentials) {
    const bool unknown = status == 407 || status == 401;
    if (unknown && with_credentials) return "it does not accept the user and password of its URL";
    if (unknown) return "give credentials with its URL, as http://user:password@host";
    if (status >= 500) return "the proxy cannot reach the host itself";
    return "it has to allow CONNECT to the host and port; or name the host in network.proxy.bypass (NO_PROXY)";
}

}  // namespace

result<std::shared_ptr<const proxies>> proxies::make(const proxy_options& options) {
    auto rule = config::proxy_rule::make(options, config::process_environment);
    if (!rule) return std::move(rule).error();
    return std::shared_ptr<const proxies>(new proxies{std::move(*rule)});
}

failure proxy_failure(const config::proxy& by, const std::string& target, failure why) {
    if (why.is(errc::closed) || why.is(errc::cancelled)) return why;
    failure out(errc::proxy_failed, "no way to " + target + " through the proxy " + by.words() + ": " + why.detail,
                why.cause);
    if (!out.cause && !why.is(errc::proxy_failed)) out.cause = why.code;
    out.status = why.status;
    return out;
}

proxy_tunnel::proxy_tunnel(socket connected, ssl_ptr ssl, loop where, const config::proxy& by, std::string target,
                           std::shared_ptr<tls_sessions> sessions)
    : by_(by),
      target_(std::move(target)),
      socket_(std::move(connected)),
      secure_(ssl != nullptr),
      line_(new line{std::move(sessions), {socket_.descriptor(), std::move(ssl)}}),
      loop_(std::move(where)),
      request_(request_for(by, target_)),
      unsent_(request_) {
    guard_.watch(socket_.descriptor());
}

socket proxy_tunnel::take_socket() noexcept {
    guard_.forget();
    return std::move(socket_);
}

std::shared_ptr<tls_stream> proxy_tunnel::outer() const {
    return secure_ ? std::shared_ptr<tls_stream>(line_, &line_->stream) : nullptr;
}

asio::awaitable<result<void>> proxy_tunnel::open(time_point deadline) {
    const armed until(loop_, guard_, deadline);
    io_state now = step();
    while (now == io_state::want_read || now == io_state::want_write) {
        const unsigned what = now == io_state::want_read ? poller::input : poller::output;
        const unsigned ready = co_await socket_.wait(what, asio::deferred);
        if (guard_.why()) break;
        if (ready == 0) co_return failure(errc::cancelled, "cancelled while dialling " + target_);
        if (ready & poller::input) line_->stream.refill((ready & (poller::over | poller::urgent)) != 0);
        now = step();
    }
    co_return outcome(now);
}

result<void> proxy_tunnel::outcome(io_state last) const {
    if (guard_.why()) return ended();
    if (last != io_state::done) return proxy_failure(by_, target_, why_);
    return {};
}

// As far as it goes without waiting.
io_state proxy_tunnel::step() {
    if (at_ == part::handshake) {
        const io_result r = line_->stream.handshake();
        if (r.state != io_state::done) return stopped(r);
        at_ = part::request;
    }
    while (at_ == part::request) {
        const io_result r = line_->stream.write(unsent_.data(), unsent_.size());
        if (r.state != io_state::done) return stopped(r);
        unsent_.remove_prefix(r.bytes);
        if (unsent_.empty()) at_ = part::answer;
    }
    return read_answer();
}

io_state proxy_tunnel::read_answer() {
    std::array<char, 4096> buffer;
    for (;;) {
        const io_result r = line_->stream.read(buffer.data(), buffer.size());
        if (r.state != io_state::done) return stopped(r);
        const auto now = answer_.feed({buffer.data(), r.bytes});
        if (now == connect_answer::state::complete) return judge_answer();
        if (now == connect_answer::state::failed) return fail("its answer " + answer_.why(), no_proxy);
    }
}

// The host speaks after us, so nothing may be there yet.
io_state proxy_tunnel::judge_answer() {
    if (!answer_.consents()) {
        fail("it answered " + answer_.words(), advice_for(answer_.status(), !by_.authorization.empty()));
        why_.status = answer_.status();
        return io_state::failed;
    }
    const auto behind = line_->stream.peek(true);
    if (answer_.stray_bytes() || behind == tls_stream::peek_result::stray) {
        return fail("it sent something of its own behind its consent", no_proxy);
    }
    if (behind == tls_stream::peek_result::quiet) return io_state::done;
    return fail("it consented and closed the connection", advice_for(0, false), make_error_code(errc::connection_lost));
}

io_state proxy_tunnel::stopped(const io_result& r) {
    if (r.state == io_state::want_read || r.state == io_state::want_write) return r.state;
    const char* const when = at_ == part::handshake ? "during the TLS handshake with it"
                             : answer_.started()    ? "in the middle of its answer"
                                                    : "before it answered";
    if (const std::string verify = line_->stream.verify_words(); !verify.empty()) {
        return fail("its certificate is not accepted: " + verify,
                    "check its host name, and name its CA in tls.extra_ca_pem if it is one of your own");
    }
    if (r.state == io_state::end) {
        return fail(std::string("it closed the connection ") + when, no_proxy, make_error_code(errc::connection_lost));
    }
    if (r.error) return fail(std::string("the connection broke ") + when + ": " + r.error.message(), no_proxy, r.error);
    return fail(std::string("TLS failed ") + when + ": " + openssl_words(r.tls), no_proxy);
}

io_state proxy_tunnel::fail(std::string what, std::string_view advice, error_code cause) {
    why_ = failure(errc::proxy_failed, std::move(what.append("; ").append(advice)), cause);
    return io_state::failed;
}

failure proxy_tunnel::ended() const {
    if (guard_.why() == errc::closed) return {errc::closed, "the client was closed while dialling " + target_};
    const std::string words = at_ == part::handshake ? "it did not end the TLS handshake" : "it did not answer";
    return proxy_failure(
        by_, target_,
        failure(errc::proxy_failed, words + " in time (network.dial_within); check the proxy, and what lies behind it",
                make_error_code(errc::timed_out)));
}

}  // namespace dbxapps::net
