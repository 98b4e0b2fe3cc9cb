#include <config/config_error.hpp>
#include <dbxapps/federation.hpp>
#include <support/fetching.hpp>

namespace dbxapps::test {
namespace {

using config::config_error;

const std::string host = "https://w.cloud.databricks.com";
const std::string url = "https://pipelines.actions.example/token?version=1";

struct github_oidc_test : fetching {
    federation_options options;
    github_oidc_test() { options.host = host; }
    std::unique_ptr<token_source> source() { return github_oidc(options, url, "request-token"); }
    // Where the endpoint is, then what GitHub answers.
    void answer(const std::string& metadata, const std::string& of_github) {
        wire.answers = {scripted_transport::json(200, metadata),
                        scripted_transport::json(200, R"({"token_endpoint":")" + host + R"(/oidc/v1/token"})"),
                        of_github};
    }
};

TEST_F(github_oidc_test, AsksGithubForTheTokenEndpointsSakeAndExchangesItsWord) {
    const auto from = source();
    EXPECT_EQ(from->host(), host);
    answer("{}", scripted_transport::json(200, R"({"value":"github-id-token"})"));
    give("one");
    const auto r = fetch(*from);
    ASSERT_TRUE(r) << r.error().detail;
    EXPECT_EQ(r->access_token(), "one");
    ASSERT_EQ(wire.asked.size(), 4u);
    EXPECT_EQ(wire.asked[2], "GET " + url + "&audience=https%3A%2F%2Fw.cloud.databricks.com%2Foidc%2Fv1%2Ftoken");
    EXPECT_EQ(header_of(wire.requests[2], "Authorization"), "Bearer request-token");
    EXPECT_TRUE(wire.requests[2].repeatable);
    EXPECT_EQ(wire.deadlines[2], deadline);
    EXPECT_EQ(wire.asked[3], "POST " + host + "/oidc/v1/token");
    EXPECT_EQ(sent("subject_token"), "github-id-token");
    EXPECT_EQ(header_of(wire.last, "Authorization"), "none");
}

TEST_F(github_oidc_test, AsksForANewIdTokenForEachExchange) {
    const auto from = source();
    answer("{}", scripted_transport::json(200, R"({"value":"first"})"));
    give("one");
    ASSERT_TRUE(fetch(*from));
    wire.answers = {scripted_transport::json(200, R"({"value":"second"})")};
    give("two");
    ASSERT_TRUE(fetch(*from));
    EXPECT_EQ(sent("subject_token"), "second");
    EXPECT_EQ(wire.asked.size(), 6u);
    EXPECT_EQ(wire.asked[4], wire.asked[2]) << "with the audience of before";
}

TEST_F(github_oidc_test, TheAudienceIsOnesOwnOrThatOfTheMetadata) {
    const std::string metadata = R"({"token_federation_default_oidc_audiences":["of the host"]})";
    answer(metadata, scripted_transport::json(200, R"({"value":"x"})"));
    give("one");
    ASSERT_TRUE(fetch(*source()));
    EXPECT_EQ(wire.asked[2], "GET " + url + "&audience=of%20the%20host");
    wire.asked.clear();
    options.audience = "my own";
    answer(metadata, scripted_transport::json(200, R"({"value":"x"})"));
    give("one");
    ASSERT_TRUE(fetch(*source()));
    EXPECT_EQ(wire.asked[2], "GET " + url + "&audience=my%20own");
}

TEST_F(github_oidc_test, TheAudienceOfAConsoleIsItsAccount) {
    options.host = "accounts.cloud.databricks.com";
    options.account_id = "acc";
    wire.answers = {scripted_transport::json(404, ""), scripted_transport::json(200, R"({"value":"x"})")};
    give("one");
    ASSERT_TRUE(fetch(*source()));
    EXPECT_EQ(wire.asked[1], "GET " + url + "&audience=acc");
}

TEST_F(github_oidc_test, AJobWithoutThePermissionIsToldSo) {
    for (const int status : {403, 404}) {
        answer("{}", scripted_transport::json(status, R"({"message":"no, request-token"})"));
        const auto r = fetch(*source());
        expect_failure(r, errc::token_refused,
                       {"GitHub (https://pipelines.actions.example/token)", "status " + std::to_string(status),
                        "no, ***", "permissions: id-token: write"});
        EXPECT_EQ(r.error().cause, config_error::credential_source);
        expect_without(r.error(), {"request-token"});
        EXPECT_FALSE(wire.asked.back().starts_with("POST")) << "nothing is exchanged";
    }
}

TEST_F(github_oidc_test, AnOutageOfGithubMayPass) {
    answer("{}", scripted_transport::json(503, "", "Retry-After: 7\r\n"));
    const auto busy = fetch(*source());
    expect_failure(busy, errc::token_unavailable, {"GitHub", "status 503"});
    EXPECT_EQ(busy.error().retry_after, duration(7s));
    EXPECT_EQ(busy.error().status, 503);
    answer("{}", std::string(scripted_transport::unreachable));
    expect_failure(fetch(*source()), errc::connect_failed, {"asking GitHub for an ID token: nobody is there"});
    answer("{}", scripted_transport::json(200, R"({"count":0})"));
    expect_failure(fetch(*source()), errc::token_unavailable, {"no usable 'value'"});
}

TEST_F(github_oidc_test, AnIdTokenThatTheWorkspaceRepeatsDoesNotGetIntoAnError) {
    answer("{}", scripted_transport::json(200, R"({"value":"github.id.token-of-this-job"})"));
    wire.answers.push_back(scripted_transport::json(
        401, R"({"error":"invalid_grant","error_description":"github.id.token-of-this-job is unknown"})"));
    const auto r = fetch(*source());
    expect_failure(r, errc::token_refused, {"*** is unknown", "federation policy"});
    expect_without(r.error(), {"token-of-this-job", "github.id"});
}

TEST_F(github_oidc_test, NeedsAUrlAndARequestToken) {
    const auto refused = [&](const std::string& u, const std::string& t) {
        return refusal_of([&] { github_oidc(options, u, t); });
    };
    EXPECT_EQ(refused("", "t").cause, config_error::no_credentials);
    expect_words(refused("", "t"), {"ACTIONS_ID_TOKEN_REQUEST_URL", "id-token: write"});
    EXPECT_EQ(refused("nonsense?secret", "t").cause, config_error::bad_value);
    expect_words(refused("nonsense", "t"), {"a URL in ACTIONS_ID_TOKEN_REQUEST_URL"});
    EXPECT_EQ(refused(url, "").cause, config_error::no_credentials);
    expect_words(refused(url, ""), {"ACTIONS_ID_TOKEN_REQUEST_TOKEN"});
    EXPECT_EQ(refused(url, "a\r\nX: secret").cause, config_error::bad_value);
    expect_without(refused(url, "a\r\nX: secret"), {"secret"});
    options.host = "";
    expect_words(refused(url, "t"), {"no host configured"});
}

}  // namespace
}  // namespace dbxapps::test
