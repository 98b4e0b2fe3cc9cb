// A connection by itself, with a peer that says things at odd moments.
#include <net/connection.hpp>

#include <support/workspace.hpp>

#include <boost/asio/write.hpp>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <sys/socket.h>

#include <future>
#include <string>
#include <thread>
#include <vector>

namespace dbxapps::net {
namespace {

using namespace std::chrono_literals;
using tcp = asio::ip::tcp;
using context_ptr = std::unique_ptr<SSL_CTX, free_ssl>;

context_ptr server_context() {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> shown(X509_new(), X509_free);
    X509_gmtime_adj(X509_getm_notBefore(shown.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(shown.get()), 3600);
    X509_set_pubkey(shown.get(), key.get());
    X509_sign(shown.get(), key.get(), EVP_sha256());
    context_ptr out(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_use_certificate(out.get(), shown.get());
    SSL_CTX_use_PrivateKey(out.get(), key.get());
    SSL_CTX_set_max_early_data(out.get(), 16'384);  // so that it may speak before the client has finished
    return out;
}

// Where each TLS record begins.
std::vector<std::size_t> records_of(const std::string& flight) {
    std::vector<std::size_t> out;
    const auto byte = [&](std::size_t at) { return static_cast<std::size_t>(static_cast<unsigned char>(flight[at])); };
    for (std::size_t at = 0; at + 5 <= flight.size(); at += 5 + (byte(at + 3) << 8 | byte(at + 4)))
        out.push_back(at);
    return out;
}

// The server's first flight, with data of its own behind its Finished.
std::string first_flight(SSL* ssl, int fd) {
    BIO* const in = BIO_new(BIO_s_mem());
    BIO* const out = BIO_new(BIO_s_mem());
    BIO_set_mem_eof_return(in, -1);
    SSL_set_bio(ssl, in, out);
    SSL_set_accept_state(ssl);
    std::string flight;
    char buffer[8192];
    for (std::size_t n = 0, written = 0; n < 20 && written == 0; ++n) {
        const ssize_t came = ::recv(fd, buffer, sizeof buffer, 0);
        if (came <= 0) break;
        BIO_write(in, buffer, static_cast<int>(came));
        std::size_t early = 0;
        SSL_read_early_data(ssl, buffer, sizeof buffer, &early);
        SSL_write_early_data(ssl, "stray", 5, &written);
        ERR_clear_error();
        for (int size = 0; (size = BIO_read(out, buffer, sizeof buffer)) > 0;)
            flight.append(buffer, static_cast<std::size_t>(size));
    }
    return flight;
}

void wait_for_the_end(tcp::socket& socket) {
    char byte;
    boost::system::error_code end;
    while (!end)
        socket.read_some(asio::buffer(&byte, 1), end);
}

struct agreement {
    std::promise<void> first_sent, first_read, rest_sent;
};

// Sends it in two pieces, cut inside the record of its Finished, and then waits for the client's end.
void send_in_two(tcp::socket& socket, agreement& with_client) {
    const context_ptr context = server_context();
    const ssl_ptr ssl(SSL_new(context.get()));
    const std::string flight = first_flight(ssl.get(), socket.native_handle());
    const auto records = records_of(flight);
    ASSERT_GE(records.size(), 3U);
    const std::size_t cut = records[records.size() - 2] + 20;
    asio::write(socket, asio::buffer(flight.data(), cut));
    with_client.first_sent.set_value();
    with_client.first_read.get_future().wait();
    asio::write(socket, asio::buffer(flight.data() + cut, flight.size() - cut));
    wait_for_the_end(socket);
}

// A connection to whatever `server` does with the other end, on its thread.
struct pair_of_ends {
    template <class Server>
    explicit pair_of_ends(Server server)
        : runs([this, server] {
              tcp::socket other = acceptor.accept();
              other.set_option(tcp::no_delay(true));
              server(other);
          }) {
        tcp::socket connected(io);
        connected.connect(acceptor.local_endpoint());
        connected.non_blocking(true);
        const loop where(io.get_executor());
        const context_ptr context(SSL_CTX_new(TLS_client_method()));
        SSL_CTX_set_read_ahead(context.get(), 1);
        ssl_ptr ssl(SSL_new(context.get()));
        SSL_set_connect_state(ssl.get());
        line = std::make_shared<connection>(std::move(*socket::adopt(connected.release(), where)), std::move(ssl),
                                            where, "peer", nullptr);
        asio::co_spawn(
            io, [this]() -> asio::awaitable<void> { shaken = co_await line->handshake(clock::now() + 60s); },
            asio::detached);
        io.poll();  // says hello
    }
    ~pair_of_ends() {
        line.reset();
        runs.join();
    }

    asio::io_context io;
    tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), 0}};
    std::shared_ptr<connection> line;
    result<void> shaken = failure(errc::closed, "never ended");
    std::thread runs;
};

TEST(Connection, ThatRestsForgetsNothingThatCameBehindTheHandshake) {
    agreement with_server;
    pair_of_ends ends([&](tcp::socket& socket) { send_in_two(socket, with_server); });
    with_server.first_sent.get_future().wait();
    ends.io.poll();
    with_server.first_read.set_value();
    test::run_out(ends.io);
    EXPECT_TRUE(ends.shaken) << ends.shaken.error().detail;
    ends.line->rest();
    EXPECT_FALSE(ends.line->still_quiet()) << "it has said something that nobody asked for";
}

TEST(Connection, SaysGoodbyeBeforeItEnds) {
    int told = 0;
    std::promise<void> accepted;
    {
        pair_of_ends ends([&](tcp::socket& socket) {
            const context_ptr context = server_context();
            const ssl_ptr ssl(SSL_new(context.get()));
            SSL_set_fd(ssl.get(), socket.native_handle());
            const bool sound = SSL_accept(ssl.get()) == 1;
            accepted.set_value();
            char byte;
            if (sound) told = SSL_get_error(ssl.get(), SSL_read(ssl.get(), &byte, 1));
            wait_for_the_end(socket);
        });
        test::run_out(ends.io);
        ASSERT_TRUE(ends.shaken) << ends.shaken.error().detail;
        accepted.get_future().wait();
        EXPECT_TRUE(ends.line->still_quiet());  // which reads the tickets: an end with something unread is a reset
        ends.line->retire();
    }
    EXPECT_EQ(told, SSL_ERROR_ZERO_RETURN) << "by close_notify";
}

// Answers with a body in records of one byte, sent in one piece.
void answer_in_bits(tcp::socket& socket, std::size_t bits, std::promise<void>& sent) {
    const context_ptr context = server_context();
    const ssl_ptr ssl(SSL_new(context.get()));
    SSL_set_fd(ssl.get(), socket.native_handle());
    char request[4096];
    if (SSL_accept(ssl.get()) != 1 || SSL_read(ssl.get(), request, sizeof request) <= 0) return;
    BIO* const bundle = BIO_new(BIO_f_buffer());
    BIO_set_write_buffer_size(bundle, 256 * 1024);
    BIO_up_ref(SSL_get_wbio(ssl.get()));
    SSL_set0_wbio(ssl.get(), BIO_push(bundle, SSL_get_wbio(ssl.get())));
    const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(bits) + "\r\n\r\n";
    SSL_write(ssl.get(), head.data(), static_cast<int>(head.size()));
    for (std::size_t n = 0; n < bits; ++n)
        SSL_write(ssl.get(), "x", 1);
    BIO_flush(bundle);
    sent.set_value();
    wait_for_the_end(socket);
}

TEST(Connection, LetsOthersHaveTheirTurnWhileAPeerHasEverMoreToSay) {
    constexpr std::size_t bits = 1000, steps_in_one_turn = 128;
    std::promise<void> sent;
    pair_of_ends ends([&](tcp::socket& socket) { answer_in_bits(socket, bits, sent); });
    test::run_out(ends.io);
    ASSERT_TRUE(ends.shaken) << ends.shaken.error().detail;
    wire_request request;
    request.method = "GET";
    connection::need what = ends.line->begin(request, {});
    ASSERT_EQ(what, connection::need::input);
    sent.get_future().wait();  // all of it is there
    std::size_t turns = 1;
    for (what = ends.line->came(poller::input); what == connection::need::room; ++turns)
        what = ends.line->came(poller::input);
    EXPECT_TRUE(ends.line->answered());
    EXPECT_EQ(turns, bits / steps_in_one_turn + 1);
}

// Answers, and sends the first `early` bytes of a record with a change of keys along; the rest of it later.
void answer_and_begin_another(tcp::socket& socket, std::size_t early, agreement& with_client) {
    const context_ptr context = server_context();
    const ssl_ptr ssl(SSL_new(context.get()));
    SSL_set_fd(ssl.get(), socket.native_handle());
    char request[4096];
    if (SSL_accept(ssl.get()) != 1 || SSL_read(ssl.get(), request, sizeof request) <= 0) return;
    BIO* const out = BIO_new(BIO_s_mem());
    SSL_set0_wbio(ssl.get(), out);
    const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    SSL_write(ssl.get(), answer.data(), static_cast<int>(answer.size()));
    const std::size_t first = BIO_ctrl_pending(out);
    SSL_key_update(ssl.get(), SSL_KEY_UPDATE_NOT_REQUESTED);
    SSL_do_handshake(ssl.get());
    std::string wire(BIO_ctrl_pending(out), '\0');
    BIO_read(out, wire.data(), static_cast<int>(wire.size()));
    asio::write(socket, asio::buffer(wire.data(), first + early));
    with_client.first_sent.set_value();
    with_client.first_read.get_future().wait();
    asio::write(socket, asio::buffer(wire) + (first + early));
    with_client.rest_sent.set_value();
    wait_for_the_end(socket);
}

class ConnectionAtRest : public testing::TestWithParam<std::size_t> {};

// OpenSSL takes a header out of its buffer before the rest of the record is there (CVE-2024-4741).
TEST_P(ConnectionAtRest, KeepsARecordThatHasOnlyBegun) {
    agreement with_server;
    pair_of_ends ends([&](tcp::socket& socket) { answer_and_begin_another(socket, GetParam(), with_server); });
    test::run_out(ends.io);
    ASSERT_TRUE(ends.shaken) << ends.shaken.error().detail;
    wire_request request;
    request.method = "GET";
    ASSERT_EQ(ends.line->begin(request, {}), connection::need::input);
    with_server.first_sent.get_future().wait();
    ASSERT_EQ(ends.line->came(poller::input), connection::need::nothing);
    ASSERT_TRUE(ends.line->answered());
    EXPECT_TRUE(ends.line->reusable(clock::now(), {})) << "nothing whole has come behind the answer";
    ends.line->rest();
    with_server.first_read.set_value();
    with_server.rest_sent.get_future().wait();
    EXPECT_TRUE(ends.line->still_quiet()) << "new keys are no news, if they arrive whole";
}
INSTANTIATE_TEST_SUITE_P(Bytes, ConnectionAtRest, testing::Values(0, 1, 4, 5, 6, 12));

}  // namespace
}  // namespace dbxapps::net
