// The answers that a case lists under `http`, given on a port of 127.0.0.1 by plain HTTP; and a transport that asks
// there whatever host is meant. Everything happens on the thread of the io_context.
#pragma once

#include <conformance/auth_cases.hpp>

#include <dbxapps/transport.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dbxapps::conformance {

struct listed_answer {
    std::string method, url;                     // absolute
    std::string answer;                          // the whole of it; empty: the connection is reset instead
    std::map<std::string, std::string> form;     // has to be in the request, and no client_id besides
    std::map<std::string, std::string> headers;  // likewise
    bool may_go_unasked = false;
    int asked = 0;
};
std::string answer_text(int status, std::string_view body, std::string_view fields = {});

// `host` is normal; `now` is in seconds since 1970. An http:// of another machine is read as https://, for nothing of
// ours goes there in the clear.
std::vector<listed_answer> listed_answers(const auth_case&, std::string_view host, std::int64_t now);
std::string in_https(std::string url);

// Has to outlive the work of the io_context.
class mock_server {
public:
    mock_server(boost::asio::io_context&, std::vector<listed_answer>);
    std::string url() const { return url_; }
    // Of requests that were not as listed, and of listed ones that never came.
    std::vector<std::string> troubles() const;
    const std::vector<std::string>& log() const noexcept { return log_; }  // "GET https://..: 200"

private:
    struct question;
    boost::asio::awaitable<void> accept();
    boost::asio::awaitable<void> serve(boost::asio::ip::tcp::socket);
    std::string answer_to(const question&);
    void check(const listed_answer&, const question&);

    boost::asio::ip::tcp::acceptor acceptor_;
    std::string url_;
    std::vector<listed_answer> listed_;
    std::vector<std::string> log_, troubles_;
};

// The library's own transport, over connections of its own.
std::unique_ptr<transport> real_transport(boost::asio::io_context&);

// Brings requests to any https host, and by http to localhost, to the server. Others go on as they are: the real
// transport refuses http to other hosts, and 127.0.0.1 is meant as it stands there.
class mapped_transport final : public transport {
public:
    mapped_transport(transport& real, const mock_server& server) : real_(real), server_(server.url()) {}
    boost::asio::awaitable<result<response>> exchange(transport_request, time_point deadline) override;

private:
    transport& real_;
    const std::string server_;
};

}  // namespace dbxapps::conformance
