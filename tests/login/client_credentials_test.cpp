// Client credentials over a transport that plays a script: which questions, in which order, and what comes of them.
#include <dbxapps/login.hpp>
#include <support/scripted_transport.hpp>
#include <text/encoding.hpp>

namespace dbxapps::test {
namespace {

constexpr std::string_view secret = "s3cret/with+odd=characters";

struct login_test : testing::Test {
    asio::io_context io;
    scripted_transport wire;
    std::unique_ptr<token_source> source = client_credentials("w.cloud.databricks.com", "id", std::string(secret));

    result<token> fetch() {
        result<token> out = failure(errc::closed, "never ended");
        asio::co_spawn(
            io, [&]() -> awaitable<void> { out = co_await source->fetch(wire, clock::now() + 10s); }, asio::detached);
        run_out(io);
        return out;
    }
    // The outcome of a fetch that the endpoint refuses with these words, written as in JSON.
    result<token> told(const std::string& description) {
        wire.answers = {scripted_transport::json(404, ""), scripted_transport::json(500, ""),
                        scripted_transport::json(
                            401, R"({"error":"invalid_client","error_description":")" + description + R"("})")};
        source = client_credentials("w.cloud.databricks.com", "id", std::string(secret));
        return fetch();
    }
};

TEST_F(login_test, AsksForTheEndpointOnceAndForATokenEachTime) {
    wire.answers = {
        scripted_transport::json(404, ""),
        scripted_transport::json(200, R"({"token_endpoint":"https://w.cloud.databricks.com/oidc/v1/token"})"),
        scripted_transport::json(200, R"({"access_token":"one","expires_in":3600})"),
        scripted_transport::json(200, R"({"access_token":"two","expires_in":3600})")};
    EXPECT_EQ(fetch()->access_token(), "one");
    EXPECT_EQ(fetch()->access_token(), "two");
    const std::string host = "https://w.cloud.databricks.com";
    EXPECT_EQ(wire.asked,
              (std::vector<std::string>{"GET " + host + "/.well-known/databricks-config",
                                        "GET " + host + "/oidc/.well-known/oauth-authorization-server",
                                        "POST " + host + "/oidc/v1/token", "POST " + host + "/oidc/v1/token"}));
    EXPECT_EQ(wire.last.body, "grant_type=client_credentials&scope=all-apis");
}

TEST_F(login_test, WithNobodyThereTheLastResortIsTriedAndItsFailureIsTold) {
    const auto r = fetch();
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().is(errc::connect_failed)) << r.error().detail;
    EXPECT_EQ(wire.asked.back(), "POST https://w.cloud.databricks.com/oidc/v1/token");
}

TEST_F(login_test, AServerThatRepeatsTheSecretDoesNotGetItIntoAnError) {
    // As JSON may write it: as it is, with a needless escape, and every character by its number.
    std::string slashed(secret), numbered;
    slashed.insert(slashed.find('/'), 1, '\\');
    for (const char c : secret) {
        constexpr std::string_view digits = "0123456789abcdef";
        numbered += std::string("\\u00") + digits[static_cast<unsigned char>(c) / 16] + digits[c % 16];
    }
    const std::string encoded = text::base64(text::form_encoded("id") + ":" + text::form_encoded(secret));
    for (const std::string& said :
         {std::string(secret), slashed, numbered, "Authorization: Basic " + encoded, text::form_encoded(secret)}) {
        for (const std::size_t padding : {0u, 260u, 280u, 290u, 299u}) {
            const auto r = told(std::string(padding, 'x') + said);
            ASSERT_FALSE(r);
            EXPECT_TRUE(r.error().is(errc::token_refused)) << r.error().detail;
            EXPECT_EQ(r.error().detail.find(secret.substr(0, 4)), std::string::npos) << r.error().detail;
            EXPECT_EQ(r.error().detail.find(encoded.substr(0, 8)), std::string::npos) << r.error().detail;
        }
    }
}

TEST_F(login_test, WordsThatRepeatNothingReachTheCaller) {
    const auto r = told("the service principal is gone");
    ASSERT_FALSE(r);
    EXPECT_NE(r.error().detail.find("the service principal is gone"), std::string::npos) << r.error().detail;
}

TEST_F(login_test, AnEndpointThatHasMovedIsLookedForAgain) {
    wire.answers = {scripted_transport::json(404, ""),
                    scripted_transport::json(200, R"({"token_endpoint":"https://old.example/token"})"),
                    scripted_transport::json(404, "gone")};
    EXPECT_FALSE(fetch());
    wire.asked.clear();
    wire.answers = {scripted_transport::json(404, ""),
                    scripted_transport::json(200, R"({"token_endpoint":"https://new.example/token"})"),
                    scripted_transport::json(200, R"({"access_token":"x"})")};
    EXPECT_TRUE(fetch());
    EXPECT_EQ(wire.asked.back(), "POST https://new.example/token");
}

TEST_F(login_test, AGuessedEndpointIsNotKept) {
    const std::string nobody(scripted_transport::unreachable);
    wire.answers = {nobody, nobody, scripted_transport::json(200, R"({"access_token":"one","expires_in":3600})")};
    const auto guessed = fetch();
    ASSERT_TRUE(guessed) << guessed.error().detail;
    EXPECT_EQ(wire.asked.back(), "POST https://w.cloud.databricks.com/oidc/v1/token");

    wire.answers = {nobody, nobody, nobody};
    EXPECT_FALSE(fetch());

    wire.asked.clear();
    wire.answers = {scripted_transport::json(404, ""),
                    scripted_transport::json(200, R"({"token_endpoint":"https://elsewhere.example/token"})"),
                    scripted_transport::json(200, R"({"access_token":"two","expires_in":3600})"),
                    scripted_transport::json(200, R"({"access_token":"three","expires_in":3600})")};
    EXPECT_EQ(fetch()->access_token(), "two");
    EXPECT_EQ(wire.asked.back(), "POST https://elsewhere.example/token");
    EXPECT_EQ(fetch()->access_token(), "three");
    EXPECT_EQ(wire.asked.size(), 4u);  // what a document names is kept
}

TEST_F(login_test, RetryAfterReachesTheCache) {
    wire.answers = {scripted_transport::json(404, ""), scripted_transport::json(500, ""),
                    scripted_transport::json(429, "", "Retry-After: 7\r\n")};
    const auto r = fetch();
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error().retry_after, duration(7s));
    EXPECT_EQ(r.error().status, 429);
}

}  // namespace
}  // namespace dbxapps::test
