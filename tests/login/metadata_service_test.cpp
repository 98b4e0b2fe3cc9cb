#include <login/metadata_service.hpp>

#include <config/config_error.hpp>
#include <support/fetching.hpp>

namespace dbxapps::test {
namespace {

using config::config_error;

const std::string host = "https://w.cloud.databricks.com";
const std::string url = "http://localhost:1234/s3cret/token?key=qu3ry";
constexpr auto noon = std::chrono::system_clock::time_point(1'800'000'000s);

struct metadata_service_test : fetching {
    std::chrono::system_clock::time_point wall = noon;
    std::unique_ptr<token_source> source(const std::string& at = url) {
        return login::metadata_service("W.cloud.databricks.com", at, [this] { return wall; });
    }
    void answer(int status, const std::string& body = R"({"access_token":"t0ken","expires_on":1800003600})") {
        wire.answers = {scripted_transport::json(status, body)};
    }
};

TEST_F(metadata_service_test, AsksForTheTokenOfTheHost) {
    const auto from = source();
    EXPECT_EQ(from->host(), host);
    answer(200);
    auto r = fetch(*from);
    ASSERT_TRUE(r) << r.error().detail;
    EXPECT_EQ(r->access_token(), "t0ken");
    EXPECT_EQ(r->life(), duration(1h));
    EXPECT_EQ(wire.asked, (std::vector<std::string>{"GET " + url}));
    EXPECT_EQ(header_of(wire.last, "X-Databricks-Metadata-Version"), "1");
    EXPECT_EQ(header_of(wire.last, "X-Databricks-Host"), host);
    EXPECT_TRUE(wire.last.repeatable);
    wall += 10min;
    answer(200, R"({"access_token":"t0ken","token_type":"Bearer","expires_on":"1800003600"})");
    EXPECT_EQ(fetch(*from)->life(), duration(50min)) << "by the clock of this moment";
}

TEST_F(metadata_service_test, WaitsTenSecondsAtMost) {
    const auto from = source();
    answer(200);
    const auto before = clock::now();
    ASSERT_TRUE(fetch(*from));
    EXPECT_GE(wire.deadlines.back(), before + 10s);
    EXPECT_LE(wire.deadlines.back(), clock::now() + 10s);
    deadline = clock::now() + 3s;
    answer(200);
    ASSERT_TRUE(fetch(*from));
    EXPECT_EQ(wire.deadlines.back(), deadline);
}

TEST_F(metadata_service_test, ATokenThatIsOverIsNone) {
    wall += 2h;
    answer(200);
    const auto r = fetch(*source());
    expect_failure(r, errc::token_unavailable, {"http://localhost:1234", "the token expired 3600 s ago"});
    expect_without(r.error(), {"t0ken", "s3cret", "qu3ry"});
}

TEST_F(metadata_service_test, AnAnswerThatIsNoneTellsWhatToDo) {
    answer(404);
    auto r = fetch(*source());
    expect_failure(r, errc::token_refused, {"http://localhost:1234", "status 404", "metadata_service_url"});
    EXPECT_EQ(r.error().cause, config_error::credential_source);
    expect_without(r.error(), {"t0ken", "s3cret", "qu3ry"});
    wire.answers = {scripted_transport::json(503, "", "Retry-After: 7\r\n")};
    r = fetch(*source());
    expect_failure(r, errc::token_unavailable, {"status 503"});
    EXPECT_EQ(r.error().retry_after, duration(7s));
}

// A transport that names what it asked for, as the real one does.
struct naming_transport final : transport {
    awaitable<result<response>> exchange(transport_request r, time_point) override {
        failure why(errc::connect_failed,
                    r.method + " " + r.url + ", or " + r.url.substr(0, r.url.find('?')) + ": connection refused");
        co_return why;
    }
};

TEST_F(metadata_service_test, ItsUrlIsASecret) {
    naming_transport refusing;
    for (const std::string& at :
         {url, std::string("http://127.0.0.1:1234/s3cret"), std::string("http://[::1]:1234/")}) {
        const auto from = source(at);
        result<token> r = failure(errc::closed, "never ended");
        asio::co_spawn(
            io, [&]() -> awaitable<void> { r = co_await from->fetch(refusing, deadline); }, asio::detached);
        run_out(io);
        expect_failure(r, errc::connect_failed,
                       {"asking the metadata service at http://", ":1234 for a token: GET http://",
                        "connection refused; check that the editor"});
        expect_without(r.error(), {"s3cret", "qu3ry"});
    }
}

TEST_F(metadata_service_test, IsOnThisMachine) {
    for (const auto* at : {"http://localhost.example/t", "http://10.0.0.1/t", "https://w.example/t",
                           "http://169.254.169.254/t", "http://127.0.0.1.example/t"}) {
        const auto why = refusal_of([&] { metadata_service(host, at); });
        EXPECT_EQ(why.cause, config_error::bad_value);
        expect_words(why, {"has to be of this machine"});
    }
    for (const auto* at : {"http://localhost:1/t", "http://127.0.0.1:1/t", "http://127.8.9.1", "https://[::1]:1/t"})
        EXPECT_EQ(metadata_service(host, at)->host(), host);
}

TEST_F(metadata_service_test, NeedsAUrlAndTheHostOfAWorkspace) {
    EXPECT_EQ(refusal_of([] { metadata_service(host, ""); }).cause, config_error::no_credentials);
    for (const auto* at : {"localhost:1234/s3cret", "http://u:s3cret@localhost/", "ftp://localhost/s3cret", "s3cret"}) {
        const auto why = refusal_of([&] { metadata_service(host, at); });
        expect_words(why, {"metadata_service_url (not shown, it is a secret) is no URL"});
        expect_without(why, {"s3cret"});
    }
    expect_words(refusal_of([] { metadata_service("", url); }), {"no host configured"});
    const auto why = refusal_of([] { metadata_service("accounts.cloud.databricks.com", url); });
    EXPECT_EQ(why.cause, config_error::bad_value);
    expect_words(why, {"https://accounts.cloud.databricks.com is an accounts console"});
}

TEST_F(metadata_service_test, GoesByTheClockOfTheMachineOtherwise) {
    const auto from = metadata_service(host, url);
    const auto end = std::chrono::system_clock::now() + 1h;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(end.time_since_epoch()).count();
    answer(200, R"({"access_token":"t0ken","expires_on":)" + std::to_string(seconds) + "}");
    const auto r = fetch(*from);
    ASSERT_TRUE(r) << r.error().detail;
    EXPECT_LE(r->life(), duration(1h));
    EXPECT_GT(r->life(), duration(50min));
}

}  // namespace
}  // namespace dbxapps::test
