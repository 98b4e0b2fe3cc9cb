// Boost.Beast as its examples show it: the asynchronous SSL client with coroutines.
//
// Two things differ: the connection is kept for the next call of the same slot, and TLS sessions are resumed.
#include "peer.hpp"
#include "tickets.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include <chrono>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace bench;
using namespace std::chrono_literals;
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::use_awaitable;
using stream = beast::ssl_stream<beast::tcp_stream>;

constexpr auto patience = 30s;

struct slot {
    std::string host;
    ticket known;
    std::optional<stream> line;
    beast::flat_buffer buffer;  // what was read beyond the last answer

    void close() {
        if (line) keep_resumable(line->native_handle());
        line.reset();
        buffer.clear();
    }
};

class beast_peer : public peer {
public:
    explicit beast_peer(const options& o);
    ~beast_peer() override { beast_peer::drop(); }
    void run(work&, std::size_t in_flight) override;
    void drop() override {
        for (slot& s : slots_)
            s.close();
    }
    std::optional<std::uint64_t> resumed() const override { return resumed_; }

private:
    asio::awaitable<void> keep_calling(work&, std::size_t first);
    asio::awaitable<std::size_t> call(slot&);
    asio::awaitable<void> open(slot&);

    options asked_;
    asio::io_context io_;
    asio::ssl::context ctx_{asio::ssl::context::tls_client};
    asio::ip::tcp::endpoint to_;
    std::vector<slot> slots_;
    std::uint64_t resumed_ = 0;
};

beast_peer::beast_peer(const options& o)
    : asked_(o), to_(asio::ip::make_address(o.address), o.port), slots_(o.slots()) {
    SSL_CTX_set_min_proto_version(ctx_.native_handle(), TLS1_2_VERSION);
    ctx_.load_verify_file(o.ca);
    ctx_.set_verify_mode(asio::ssl::verify_peer);
    ticket::collect(ctx_.native_handle());
    for (std::size_t n = 0; n < slots_.size(); ++n)
        slots_[n].host = o.host_of(n);
}

asio::awaitable<void> beast_peer::open(slot& s) {
    s.buffer.clear();
    s.line.emplace(io_, ctx_);
    stream& line = *s.line;
    if (!SSL_set_tlsext_host_name(line.native_handle(), s.host.c_str())) throw std::runtime_error("no SNI");
    line.set_verify_callback(asio::ssl::host_name_verification(s.host));
    s.known.lend(line.native_handle());
    beast::get_lowest_layer(line).expires_after(patience);
    co_await beast::get_lowest_layer(line).async_connect(to_, use_awaitable);
    beast::get_lowest_layer(line).socket().set_option(asio::ip::tcp::no_delay(true));
    beast::get_lowest_layer(line).expires_after(patience);
    co_await line.async_handshake(asio::ssl::stream_base::client, use_awaitable);
    resumed_ += SSL_session_reused(line.native_handle()) == 1;
}

// Returns the size of the body.
asio::awaitable<std::size_t> beast_peer::call(slot& s) {
    if (!s.line) co_await open(s);
    http::request<http::string_body> req{http::verb::get, asked_.path, 11};
    req.set(http::field::host, asked_.port == 443 ? s.host : s.host + ":" + std::to_string(asked_.port));
    req.set(http::field::user_agent, user_agent);
    req.set(http::field::accept, accepted_type);
    req.set(http::field::authorization, "Bearer " + asked_.token);

    beast::get_lowest_layer(*s.line).expires_after(patience);
    co_await http::async_write(*s.line, req, use_awaitable);
    http::response<http::string_body> res;
    co_await http::async_read(*s.line, s.buffer, res, use_awaitable);

    const bool whole =
        res.has_content_length() && res[http::field::content_length] == std::to_string(res.body().size());
    if (res.result() != http::status::ok || !whole) {
        throw std::runtime_error("the answer is not a 200 with a body of the length promised");
    }
    if (!res.keep_alive()) s.close();
    co_return res.body().size();
}

asio::awaitable<void> beast_peer::keep_calling(work& w, std::size_t first) {
    for (std::size_t n = w.next(first); n != work::none; n = w.next(n)) {
        try {
            w.succeeded(co_await call(slots_[n]));
        } catch (const std::exception& e) {
            w.failed(e.what());
            slots_[n].close();
        }
    }
}

void beast_peer::run(work& w, std::size_t in_flight) {
    std::exception_ptr thrown;
    for (std::size_t n = 0; n < in_flight; ++n) {
        asio::co_spawn(io_, keep_calling(w, n), [&thrown](std::exception_ptr e) {
            if (e) thrown = e;
        });
    }
    io_.restart();
    io_.run();
    if (thrown) std::rethrow_exception(thrown);
}

}  // namespace

int main(int argc, char** argv) {
    return run_peer(argc, argv,
                    [](const options& o) -> std::unique_ptr<peer> { return std::make_unique<beast_peer>(o); });
}
