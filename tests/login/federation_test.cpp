// The exchange of an ID token, whoever gave it.
#include <config/config_error.hpp>
#include <dbxapps/federation.hpp>
#include <support/fetching.hpp>

namespace dbxapps::test {
namespace {

const std::string host = "https://w.cloud.databricks.com";
const std::string id_token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJyZXBvOm9yZyJ9.c2lnbmF0dXJlc2lnbmF0dXJl";

struct federation_test : fetching {
    int asked_for = 0;
    result<std::string> given = id_token;

    std::unique_ptr<token_source> source(federation_options o = {}) {
        if (o.host.empty()) o.host = "W.cloud.databricks.com/";
        return oidc_federation(std::move(o), [this]() -> result<std::string> {
            ++asked_for;
            return given;
        });
    }
};

TEST_F(federation_test, ExchangesANewIdTokenEachTimeAtAnEndpointThatIsFoundOnce) {
    const auto from = source();
    EXPECT_EQ(from->host(), host);
    EXPECT_TRUE(from->may_repeat());
    EXPECT_TRUE(wire.asked.empty());
    answer_for(host, "one");
    auto first = fetch(*from);
    ASSERT_TRUE(first) << first.error().detail;
    EXPECT_EQ(first->access_token(), "one");
    EXPECT_EQ(first->life(), duration(298s));
    EXPECT_EQ(sent("subject_token"), id_token);
    given = std::string("another");
    give("two");
    EXPECT_EQ(fetch(*from)->access_token(), "two");
    EXPECT_EQ(sent("subject_token"), "another");
    EXPECT_EQ(asked_for, 2);
    EXPECT_EQ(wire.asked,
              (std::vector<std::string>{"GET " + host + "/.well-known/databricks-config",
                                        "GET " + host + "/oidc/.well-known/oauth-authorization-server",
                                        "POST " + host + "/oidc/v1/token", "POST " + host + "/oidc/v1/token"}));
}

TEST_F(federation_test, SendsClientAndScopesAndNoOtherCredentials) {
    federation_options o;
    o.client_id = "application";
    o.scopes = {"sql", "files"};
    const auto from = source(o);
    answer_for(host, "one");
    ASSERT_TRUE(fetch(*from));
    EXPECT_EQ(sent("grant_type"), "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange");
    EXPECT_EQ(sent("subject_token_type"), "urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt");
    EXPECT_EQ(sent("client_id"), "application");
    EXPECT_EQ(sent("scope"), "files+sql");
    EXPECT_EQ(sent("client_secret"), "none");
    EXPECT_EQ(header_of(wire.last, "Authorization"), "none");
    EXPECT_EQ(header_of(wire.last, "Content-Type"), "application/x-www-form-urlencoded");
    EXPECT_TRUE(wire.last.repeatable) << "an ID token is not spent by its use";
    EXPECT_EQ(wire.deadlines.back(), deadline);
}

TEST_F(federation_test, ForTheWholeAccountNamesNoClient) {
    const auto from = source();
    answer_for(host, "one");
    ASSERT_TRUE(fetch(*from));
    EXPECT_EQ(sent("client_id"), "none");
    EXPECT_EQ(sent("scope"), "all-apis");
}

TEST_F(federation_test, GoesToTheAccountOfAConsole) {
    federation_options o;
    o.host = "https://accounts.cloud.databricks.com";
    o.account_id = "acc";
    const auto from = source(o);
    wire.answers = {scripted_transport::json(404, "")};
    give("one");
    ASSERT_TRUE(fetch(*from));
    EXPECT_EQ(wire.asked.back(), "POST https://accounts.cloud.databricks.com/oidc/accounts/acc/v1/token");
}

TEST_F(federation_test, AnExplicitDocumentIsTheOnlyOneThatIsAsked) {
    federation_options o;
    o.discovery_url = "https://sso.example/document";
    const auto from = source(o);
    wire.answers = {scripted_transport::json(200, R"({"token_endpoint":"https://sso.example/token"})")};
    give("one");
    ASSERT_TRUE(fetch(*from));
    EXPECT_EQ(wire.asked,
              (std::vector<std::string>{"GET https://sso.example/document", "POST https://sso.example/token"}));
}

TEST_F(federation_test, AServerThatRepeatsTheIdTokenDoesNotGetItIntoAnError) {
    for (const int status : {400, 401, 403, 500}) {
        wire.answers = {scripted_transport::json(404, ""), scripted_transport::json(500, ""),
                        scripted_transport::json(status, R"({"error":"invalid_grant","error_description":"the )" +
                                                             id_token + R"( is over"})")};
        const auto from = source();
        const auto r = fetch(*from);
        expect_failure(r, status == 500 ? errc::token_unavailable : errc::token_refused,
                       {host + "/oidc/v1/token", "the *** is over"});
        expect_without(r.error(), {id_token, "c2lnbmF0dXJl", "eyJzdWIi"});
    }
}

TEST_F(federation_test, ARefusalTellsToLookAtThePolicy) {
    const auto from = source();
    wire.answers = {scripted_transport::json(404, ""), scripted_transport::json(500, ""),
                    scripted_transport::json(400, R"({"error":"invalid_grant"})")};
    expect_failure(fetch(*from), errc::token_refused, {"status 400: invalid_grant", "federation policy"});
}

// The endpoint, or the audience that the metadata names, may be another one by now.
TEST_F(federation_test, AfterARefusalTheEndpointIsLookedForAgain) {
    for (const auto& no :
         {scripted_transport::json(404, "gone"), scripted_transport::json(400, R"({"error":"invalid_grant"})")}) {
        const auto from = source();
        wire.answers.clear();
        answer_for(host, "one");
        ASSERT_TRUE(fetch(*from));
        wire.answers = {no};
        ASSERT_FALSE(fetch(*from));
        wire.asked.clear();
        answer_for("https://new.example", "two");
        ASSERT_TRUE(fetch(*from));
        EXPECT_EQ(wire.asked.size(), 3u);
        EXPECT_EQ(wire.asked.back(), "POST https://new.example/oidc/v1/token");
    }
}

TEST_F(federation_test, AnOutageIsNoReasonToLookForTheEndpointAgain) {
    const auto from = source();
    answer_for(host, "one");
    ASSERT_TRUE(fetch(*from));
    wire.answers = {scripted_transport::json(503, "", "Retry-After: 7\r\n")};
    const auto r = fetch(*from);
    expect_failure(r, errc::token_unavailable, {"status 503"});
    EXPECT_EQ(r.error().status, 503);
    EXPECT_EQ(r.error().retry_after, duration(7s));
    give("two");
    ASSERT_TRUE(fetch(*from));
    EXPECT_EQ(wire.asked.size(), 5u);
}

TEST_F(federation_test, AnEndpointThatCannotBeReachedIsTheNetworksFailure) {
    const auto from = source();
    const auto r = fetch(*from);
    expect_failure(r, errc::connect_failed, {"nobody is there"});
    EXPECT_EQ(wire.asked.back(), "POST " + host + "/oidc/v1/token");
}

TEST_F(federation_test, WithoutAnIdTokenNothingIsAsked) {
    const auto from = source();
    given = failure(errc::login_required, "the vault is locked");
    expect_failure(fetch(*from), errc::login_required, {"the vault is locked"});
    given = std::string(" \r\n");
    expect_failure(fetch(*from), errc::bad_config, {"what the program's own function returned holds no ID token"});
    EXPECT_TRUE(wire.asked.empty());
}

TEST_F(federation_test, TakesTheIdTokenWithoutWhatStandsAroundIt) {
    const auto from = source();
    given = "\n" + id_token + "\r\n";
    answer_for(host, "one");
    ASSERT_TRUE(fetch(*from));
    EXPECT_EQ(sent("subject_token"), id_token);
}

TEST_F(federation_test, AnAccountThatIsNotKnownIsSaid) {
    federation_options o;
    o.host = "accounts.cloud.databricks.com";
    const auto from = source(o);
    wire.answers = {scripted_transport::json(404, "")};
    expect_failure(fetch(*from), errc::bad_config, {"set account_id"});
}

TEST(federation, RefusesWhatCannotWork) {
    const auto none = [] { return result<std::string>("x"); };
    expect_words(refusal_of([&] { oidc_federation({}, none); }), {"no host configured"});
    federation_options o;
    o.host = "http://w.cloud.databricks.com";
    expect_words(refusal_of([&] { oidc_federation(o, none); }), {"has to be https"});
    o.host = "w.cloud.databricks.com";
    expect_words(refusal_of([&] { oidc_federation(o, nullptr); }), {"needs a function"});
    o.discovery_url = "http://sso.example/x";
    expect_words(refusal_of([&] { oidc_federation(o, none); }), {"discovery_url has to be an https URL"});
}

}  // namespace
}  // namespace dbxapps::test
