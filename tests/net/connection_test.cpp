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

struct agreement {
    std::promise<void> first_sent, first_read;
};

// Sends it in two pieces, cut inside the record of its Finished, and then waits for the client's end.
void serve(tcp::acceptor& acceptor, agreement& with_client) {
    tcp::socket socket = acceptor.accept();
    socket.set_option(tcp::no_delay(true));
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
    char byte;
    boost::system::error_code end;
    while (!end)
        socket.read_some(asio::buffer(&byte, 1), end);
}

TEST(Connection, ThatRestsForgetsNothingThatCameBehindTheHandshake) {
    asio::io_context io;
    tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
    agreement with_server;
    std::thread server([&] { serve(acceptor, with_server); });
    tcp::socket socket(io);
    socket.connect(acceptor.local_endpoint());
    socket.non_blocking(true);
    const context_ptr context(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_read_ahead(context.get(), 1);
    ssl_ptr ssl(SSL_new(context.get()));
    SSL_set_connect_state(ssl.get());
    auto line =
        std::make_shared<connection>(std::move(socket), std::move(ssl), loop(io.get_executor()), "peer", nullptr);
    result<void> shaken = failure(errc::closed, "never ended");
    asio::co_spawn(
        io, [&]() -> asio::awaitable<void> { shaken = co_await line->handshake(clock::now() + 60s); }, asio::detached);
    io.poll();  // says hello
    with_server.first_sent.get_future().wait();
    io.poll();
    with_server.first_read.set_value();
    test::run_out(io);
    EXPECT_TRUE(shaken) << shaken.error().detail;
    line->rest();
    EXPECT_FALSE(line->still_quiet()) << "it has said something that nobody asked for";
    line.reset();
    server.join();
}

}  // namespace
}  // namespace dbxapps::net
