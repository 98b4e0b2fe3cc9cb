// A job of GitHub Actions that an application of Entra ID trusts: one ID token for each exchange.
#include <config/config_error.hpp>
#include <login/azure_ways.hpp>
#include <support/answering_transport.hpp>

namespace dbxapps::test {
namespace {

const std::string request_url = "https://pipelines.example/token?api-version=2.0";
const std::string request_token = "request-t0ken";
const std::string endpoint = "https://login.microsoftonline.com/t-1/oauth2/token";

azure_options usual_options() {
    azure_options out;
    out.host = "https://adb-1.2.azuredatabricks.net";
    out.client_id = "app-1";
    out.tenant_id = "t-1";
    return out;
}
std::unique_ptr<token_source> source_with(azure_options o) {
    return login::github_oidc_azure(std::move(o), request_url, request_token, [] {
        return std::chrono::system_clock::time_point(std::chrono::seconds(1893456000));
    });
}

struct github_azure_test : testing::Test {
    int given_out = 0;
    std::string exchanged =
        scripted_transport::json(200, R"({"access_token":"w-token","expires_in":"3600","expires_on":"1893459600"})");
    answering_transport wire{[this](const transport_request& r) {
        if (r.url.ends_with("/aad/auth"))
            return scripted_transport::json(302, "", "Location: https://login.microsoftonline.com/t-1/x\r\n");
        if (r.method == "GET")
            return scripted_transport::json(200, R"({"value":"id-)" + std::to_string(++given_out) + R"("})");
        return exchanged;
    }};
};

TEST_F(github_azure_test, AnIdTokenOfAzuresAudienceIsExchangedAndAskedForAnewEachTime) {
    const auto source = source_with(usual_options());
    const auto t = fetch_from(*source, wire);
    ASSERT_TRUE(t) << t.error().detail;
    EXPECT_EQ(t->authorization(), "Bearer w-token");
    EXPECT_EQ(t->life(), 3560s);
    EXPECT_EQ(t->unfit_for_apps(), "a Microsoft Entra ID token");
    EXPECT_EQ(t->workspace_fields(), "");
    const std::string question = "GET " + request_url + "&audience=api%3A%2F%2FAzureADTokenExchange";
    EXPECT_EQ(wire.asked(), (std::vector<std::string>{question, "POST " + endpoint}));
    using field = std::pair<std::string, std::string>;
    EXPECT_EQ(wire.requests[0].headers.front(), field("Authorization", "Bearer request-t0ken"));
    const std::string body = wire.requests[1].body;
    EXPECT_EQ(form_field(body, "client_assertion"), "id-1");
    EXPECT_EQ(form_field(body, "client_id"), "app-1");
    EXPECT_EQ(form_field(body, "resource"), "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d");
    EXPECT_EQ(form_field(body, "client_assertion_type"), "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    ASSERT_TRUE(fetch_from(*source, wire));
    EXPECT_EQ(form_field(wire.requests[3].body, "client_assertion"), "id-2");
}

TEST_F(github_azure_test, TheTenantIsLookedUpAndTheResourceIdGoesAlong) {
    azure_options o = usual_options();
    o.tenant_id.clear();
    o.workspace_resource_id = "/subscriptions/s-1/x";
    const auto source = source_with(o);
    const auto t = fetch_from(*source, wire);
    ASSERT_TRUE(t) << t.error().detail;
    EXPECT_EQ(wire.asked().front(), "GET https://adb-1.2.azuredatabricks.net/aad/auth");
    EXPECT_EQ(wire.asked().back(), "POST " + endpoint);
    EXPECT_EQ(fields_of(*t)["X-Databricks-Azure-Workspace-Resource-Id"], "/subscriptions/s-1/x");
}

TEST_F(github_azure_test, NobodyGetsSecretsIntoAnError) {
    const auto source = source_with(usual_options());
    exchanged = scripted_transport::json(400, R"({"error":"invalid_client","error_description":"bad id-1 there"})");
    const auto refused = fetch_from(*source, wire);
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().is(errc::token_refused));
    EXPECT_NE(refused.error().detail.find("bad *** there"), std::string::npos) << refused.error().detail;
    EXPECT_NE(refused.error().detail.find("federated credential"), std::string::npos) << refused.error().detail;

    answering_transport github([](const transport_request& r) {
        return scripted_transport::json(403, R"({"message":"not )" + r.headers.front().second + R"("})");
    });
    const auto none = fetch_from(*source, github);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().cause, config::config_error::credential_source);
    EXPECT_NE(none.error().detail.find("not Bearer ***"), std::string::npos) << none.error().detail;
    EXPECT_EQ(github.requests.size(), 1u);
}

TEST_F(github_azure_test, WhatIsMissingIsNamedBeforeAnythingIsAsked) {
    const auto why_not = [](azure_options o, std::string url, std::string t) -> std::string {
        try {
            github_oidc_azure(std::move(o), std::move(url), std::move(t));
        } catch (const error& e) {
            EXPECT_TRUE(e.why().is(errc::bad_config));
            return e.why().detail;
        }
        return "";
    };
    EXPECT_EQ(why_not(usual_options(), request_url, request_token), "");
    EXPECT_NE(why_not(usual_options(), "", request_token).find("ACTIONS_ID_TOKEN_REQUEST_URL"), std::string::npos);
    EXPECT_NE(why_not(usual_options(), request_url, "").find("ACTIONS_ID_TOKEN_REQUEST_TOKEN"), std::string::npos);
    EXPECT_NE(why_not(usual_options(), "http://pipelines.example/", request_token).find("https"), std::string::npos);
    azure_options nameless = usual_options();
    nameless.client_id.clear();
    EXPECT_NE(why_not(nameless, request_url, request_token).find("ARM_CLIENT_ID"), std::string::npos);
    azure_options placeless = usual_options();
    placeless.host.clear();
    placeless.tenant_id.clear();
    placeless.workspace_resource_id = "/subscriptions/s-1/x";
    EXPECT_NE(why_not(placeless, request_url, request_token).find("ARM_TENANT_ID"), std::string::npos);
}

}  // namespace
}  // namespace dbxapps::test
