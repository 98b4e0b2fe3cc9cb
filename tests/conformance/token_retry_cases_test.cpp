// The cases of token requests that fail: real ones, by client credentials, to a server that answers as it is listed.
// What the token cache tries again by itself is compared.
#include <conformance/case_checks.hpp>
#include <conformance/mock_server.hpp>
#include <conformance/run_on.hpp>

#include <dbxapps/login.hpp>
#include <fetch_failure.hpp>

#include <gtest/gtest.h>

namespace dbxapps::conformance {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr std::string_view endpoint = "https://workspace.test/oidc/v1/token";

// Answers to the token request. Nothing: nobody listens.
std::optional<std::string> answer_of(const auth_case& c) {
    const auto& input = c.whole.at("input").as_object();
    if (const auto* status = input.if_contains("status")) {
        return answer_text(status->to_number<int>(), R"({"error": "invalid_request", "error_description": "no"})");
    }
    const std::string what = text_of(input.at("error"));
    if (what == "ECONNREFUSED") return std::nullopt;
    return what == "ECONNRESET" ? "" : "no answer in HTTP\r\n\r\n";
}

// A port where nobody listens.
std::string nobody(asio::io_context& io) {
    const asio::ip::tcp::acceptor reserved(io, {asio::ip::address_v4::loopback(), 0});
    return "http://127.0.0.1:" + std::to_string(reserved.local_endpoint().port()) + "/token";
}

// Only what is on this machine itself may name a port of it.
std::string document_for(const auth_case& c) {
    return answer_of(c) ? "https://workspace.test/document" : "http://localhost/document";
}

std::vector<listed_answer> answers_of(const auth_case& c, asio::io_context& io) {
    const auto answer = answer_of(c);
    const std::string names = answer ? std::string(endpoint) : nobody(io);
    std::vector<listed_answer> out(1);
    out[0].method = "GET";
    out[0].url = document_for(c);
    out[0].answer = answer_text(200, "{\"token_endpoint\": \"" + names + "\"}");
    if (!answer) return out;
    out.emplace_back();
    out[1].method = "POST";
    out[1].url = endpoint;
    out[1].answer = *answer;
    return out;
}

class token_retry : public testing::TestWithParam<auth_case> {};

TEST_P(token_retry, is_for_the_same_failures) {
    const auth_case& c = GetParam();
    if (const auto* d = find_departure(c.name)) GTEST_SKIP() << d->reason;
    asio::io_context io;
    mock_server server(io, answers_of(c, io));
    const auto real = real_transport(io);
    mapped_transport via(*real, server);
    client_credentials_options options;
    options.host = "https://workspace.test";
    options.discovery_url = document_for(c);
    options.client_id = "id";
    options.client_secret = "a-secret";
    const auto source = client_credentials(std::move(options));
    const auto got = run_on(io, source->fetch(via, clock::now() + 20s));
    ASSERT_FALSE(got);
    const bool again = fault_of(got.error()) == core::fetch_fault::transient;
    EXPECT_EQ(again, c.expect.at("retry").as_bool()) << got.error().detail;
    for (const auto& trouble : server.troubles())
        ADD_FAILURE() << trouble;
}

INSTANTIATE_TEST_SUITE_P(cases, token_retry,
                         testing::ValuesIn(cases_where([](const auth_case& c) { return c.kind == "token_retry"; })),
                         [](const auto& row) { return row.param.test_name(); });

}  // namespace
}  // namespace dbxapps::conformance
