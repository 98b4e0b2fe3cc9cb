// squid and tinyproxy let a tunnel through to nginx, with and without credentials.
#include <integration/environment.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

namespace dbxapps::integration {
namespace {

using tcp = asio::ip::tcp;

const credentials someone{"someone", "a-proxy-password"};
const std::string someone_in_base64 = "c29tZW9uZTphLXByb3h5LXBhc3N3b3Jk";

// The status line that a proxy gives to CONNECT for nginx.
std::string connect_through(const proxy_server& proxy, const std::string& more = "") {
    asio::io_context io;
    tcp::socket socket(io);
    socket.connect(tcp::endpoint(asio::ip::address_v4::loopback(), proxy.port()));
    const std::string to = "127.0.0.1:" + std::to_string(servers().port(front::usual));
    const std::string head = "CONNECT " + to + " HTTP/1.1\r\nHost: " + to + "\r\n" + more + "\r\n";
    asio::write(socket, asio::buffer(head));
    std::string answer;
    boost::system::error_code ec;
    asio::read_until(socket, asio::dynamic_buffer(answer), "\r\n", ec);
    return answer.substr(0, answer.find("\r\n"));
}

class Proxy : public testing::TestWithParam<proxy_kind> {};

TEST_P(Proxy, OpensATunnel) {
    const proxy_server proxy(GetParam());
    EXPECT_NE(connect_through(proxy).find(" 200 "), std::string::npos) << connect_through(proxy);
}

TEST_P(Proxy, OpensATunnelForTheRightCredentialsOnly) {
    const proxy_server proxy(GetParam(), someone);
    const std::string right = "Proxy-Authorization: Basic " + someone_in_base64 + "\r\n";
    EXPECT_NE(connect_through(proxy, right).find(" 200 "), std::string::npos) << connect_through(proxy, right);
    EXPECT_NE(connect_through(proxy).find(" 407 "), std::string::npos) << connect_through(proxy);
    const std::string wrong = "Proxy-Authorization: Basic c29tZW9uZTp3cm9uZw==\r\n";
    EXPECT_EQ(connect_through(proxy, wrong).find(" 200 "), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Real, Proxy, testing::Values(proxy_kind::squid, proxy_kind::tinyproxy),
                         [](const auto& kind) { return kind.param == proxy_kind::squid ? "squid" : "tinyproxy"; });

}  // namespace
}  // namespace dbxapps::integration
