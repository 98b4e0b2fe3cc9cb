// An application with a secret, over a transport that plays Entra ID: what is asked for, and what the token carries.
#include <config/config_error.hpp>
#include <login/azure_ways.hpp>
#include <support/answering_transport.hpp>

namespace dbxapps::test {
namespace {

using config::config_error;

constexpr std::string_view secret = "s3cret/with+odd=characters";
constexpr std::string_view login_app = "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d";
constexpr std::string_view service_management = "https://management.core.windows.net/";
constexpr std::string_view resource_id =
    "/subscriptions/s-1/resourceGroups/g/providers/Microsoft.Databricks/workspaces/w";
const std::string endpoint = "https://login.microsoftonline.com/test-tenant-id/oauth2/token";

azure_options usual_options() {
    azure_options out;
    out.host = "https://adb-1234567890.12.azuredatabricks.net";
    out.client_id = "test-azure-client";
    out.tenant_id = "test-tenant-id";
    return out;
}

std::string token_answer(const std::string& text, const std::string& life) {
    return scripted_transport::json(
        200, R"({"token_type":"Bearer","access_token":")" + text + R"(","expires_in":")" + life + R"("})");
}

struct azure_secret_test : testing::Test {
    std::map<std::string, std::string, std::less<>> by_resource = {
        {std::string(login_app), token_answer("workspace-token", "3600")},
        {std::string(service_management), token_answer("management-token", "3599")},
        {"https://management.azure.com/", token_answer("manager-token", "3600")}};
    std::string tenant_answer = scripted_transport::json(
        302, "", "Location: https://login.microsoftonline.com/looked-up/oauth2/authorize?x=y\r\n");
    std::string resource_answer =
        scripted_transport::json(200, R"({"properties":{"workspaceUrl":"adb-7.8.azuredatabricks.net"}})");
    answering_transport wire{[this](const transport_request& r) {
        if (r.url.ends_with("/aad/auth")) return tenant_answer;
        if (r.method == "GET") return resource_answer;
        return by_resource[form_field(r.body, "resource")];
    }};
    std::unique_ptr<token_source> source_with(azure_options o) {
        return login::azure_client_secret(std::move(o), std::string(secret), [] {
            return std::chrono::system_clock::time_point(std::chrono::seconds(1893456000));
        });
    }
    result<token> fetch(azure_options o) {
        const auto source = source_with(std::move(o));
        return fetch_from(*source, wire);
    }
};

// The conformance case "azure-client-secret on Azure new workspace", and what it says of the further field.
TEST_F(azure_secret_test, ATokenForTheWorkspaceAndOneForTheManagement) {
    const auto t = fetch(usual_options());
    ASSERT_TRUE(t) << t.error().detail;
    EXPECT_EQ(t->authorization(), "Bearer workspace-token");
    EXPECT_EQ(fields_of(*t),
              (std::map<std::string, std::string>{{"X-Databricks-Azure-SP-Management-Token", "management-token"}}));
    EXPECT_EQ(t->unfit_for_apps(), "a Microsoft Entra ID token");
    EXPECT_EQ(wire.asked(), (std::vector<std::string>{"POST " + endpoint, "POST " + endpoint}));
    for (std::size_t i = 0; i < 2; ++i) {
        const std::string& body = wire.requests[i].body;
        EXPECT_EQ(form_field(body, "grant_type"), "client_credentials");
        EXPECT_EQ(form_field(body, "client_id"), "test-azure-client");
        EXPECT_EQ(form_field(body, "client_secret"), secret);
        EXPECT_EQ(form_field(body, "resource"), i == 0 ? login_app : service_management);
        EXPECT_TRUE(wire.requests[i].repeatable);
        EXPECT_FALSE(wire.requests[i].to_instance_metadata);
    }
}

TEST_F(azure_secret_test, TheShorterLifeCountsLessWhatTheWorkspaceRefuses) {
    EXPECT_EQ(fetch(usual_options())->life(), 3559s);
    by_resource[std::string(login_app)] = token_answer("workspace-token", "300");
    EXPECT_EQ(fetch(usual_options())->life(), 260s);
    by_resource[std::string(service_management)] = token_answer("management-token", "30");
    EXPECT_EQ(fetch(usual_options())->life(), 0s);
    by_resource[std::string(service_management)] =
        scripted_transport::json(200, R"({"access_token":"m","expires_on":"1893456100"})");  // by the clock of the test
    EXPECT_EQ(fetch(usual_options())->life(), 60s);
}

TEST_F(azure_secret_test, TheResourceIdGoesAlongIfItIsConfigured) {
    azure_options o = usual_options();
    o.workspace_resource_id = resource_id;
    const auto t = fetch(o);
    ASSERT_TRUE(t) << t.error().detail;
    EXPECT_EQ(fields_of(*t)["X-Databricks-Azure-Workspace-Resource-Id"], resource_id);
    EXPECT_EQ(fields_of(*t).size(), 2u);
    EXPECT_EQ(wire.requests.size(), 2u) << "the host is known";
}

TEST_F(azure_secret_test, AnotherCloudHasOtherPlaces) {
    by_resource["https://management.core.usgovcloudapi.net/"] = token_answer("us-management", "3600");
    azure_options o = usual_options();
    o.host = "https://w.databricks.azure.us";
    o.environment = "usgovernment";
    const auto t = fetch(o);
    ASSERT_TRUE(t) << t.error().detail;
    EXPECT_EQ(fields_of(*t)["X-Databricks-Azure-SP-Management-Token"], "us-management");
    EXPECT_EQ(wire.asked().front(), "POST https://login.microsoftonline.us/test-tenant-id/oauth2/token");
}

TEST_F(azure_secret_test, ATenantThatIsNotConfiguredIsLookedUpOnce) {
    azure_options o = usual_options();
    o.tenant_id.clear();
    const auto source = source_with(o);
    EXPECT_TRUE(fetch_from(*source, wire));
    EXPECT_TRUE(fetch_from(*source, wire));
    const std::string looked_up = "POST https://login.microsoftonline.com/looked-up/oauth2/token";
    EXPECT_EQ(wire.asked(),
              (std::vector<std::string>{"GET " + o.host + "/aad/auth", looked_up, looked_up, looked_up, looked_up}));
}

TEST_F(azure_secret_test, WithoutATenantNoSecretIsSent) {
    azure_options o = usual_options();
    o.tenant_id.clear();
    tenant_answer = scripted_transport::json(404, "");
    const auto t = fetch(o);
    ASSERT_FALSE(t);
    EXPECT_EQ(t.error().cause, config_error::no_credentials);
    EXPECT_NE(t.error().detail.find("ARM_TENANT_ID"), std::string::npos) << t.error().detail;
    EXPECT_EQ(wire.requests.size(), 1u);
}

TEST_F(azure_secret_test, AHostIsAskedForByTheResourceIdOnce) {
    azure_options o = usual_options();
    o.host.clear();
    o.workspace_resource_id = resource_id;
    const auto source = source_with(o);
    EXPECT_EQ(source->host(), "");
    ASSERT_TRUE(fetch_from(*source, wire));
    EXPECT_EQ(source->host(), "https://adb-7.8.azuredatabricks.net");
    ASSERT_EQ(wire.requests.size(), 4u);
    EXPECT_EQ(form_field(wire.requests[0].body, "resource"), "https://management.azure.com/");
    EXPECT_EQ(wire.asked()[1],
              "GET https://management.azure.com" + std::string(resource_id) + "?api-version=2018-04-01");
    using field = std::pair<std::string, std::string>;
    EXPECT_NE(std::find(wire.requests[1].headers.begin(), wire.requests[1].headers.end(),
                        field("Authorization", "Bearer manager-token")),
              wire.requests[1].headers.end());
    ASSERT_TRUE(fetch_from(*source, wire));
    EXPECT_EQ(wire.requests.size(), 6u);
}

TEST_F(azure_secret_test, NoOtherResourceIsAskedForAHost) {
    azure_options o = usual_options();
    o.workspace_resource_id = "/subscriptions/s-1/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/w";
    EXPECT_TRUE(fetch(o)) << "the host is known";
    wire.requests.clear();
    o.host.clear();
    const auto t = fetch(o);
    ASSERT_FALSE(t);
    EXPECT_EQ(t.error().cause, config_error::bad_value);
    EXPECT_NE(t.error().detail.find("DATABRICKS_AZURE_RESOURCE_ID"), std::string::npos) << t.error().detail;
    EXPECT_TRUE(wire.requests.empty());
}

TEST_F(azure_secret_test, AHostThatIsNotToldIsAFailureAndAskedForAgain) {
    azure_options o = usual_options();
    o.host.clear();
    o.workspace_resource_id = resource_id;
    const auto source = source_with(o);
    const std::string good = resource_answer;
    resource_answer = scripted_transport::json(403, "manager-token");
    const auto t = fetch_from(*source, wire);
    ASSERT_FALSE(t);
    EXPECT_TRUE(t.error().is(errc::token_refused)) << t.error().detail;
    EXPECT_EQ(t.error().detail.find("manager-token"), std::string::npos) << t.error().detail;
    resource_answer.clear();
    EXPECT_TRUE(fetch_from(*source, wire).error().is(errc::connect_failed));
    EXPECT_EQ(source->host(), "");
    resource_answer = good;
    EXPECT_TRUE(fetch_from(*source, wire));
}

TEST_F(azure_secret_test, AManagementTokenThatFailsIsAFailure) {
    by_resource[std::string(service_management)] = scripted_transport::json(400, R"({"error":"invalid_client"})");
    const auto t = fetch(usual_options());
    ASSERT_FALSE(t);
    EXPECT_TRUE(t.error().is(errc::token_refused)) << t.error().detail;
    EXPECT_NE(t.error().detail.find("for the service management"), std::string::npos) << t.error().detail;
    by_resource[std::string(service_management)] = "";
    EXPECT_TRUE(fetch(usual_options()).error().is(errc::connect_failed));
}

TEST_F(azure_secret_test, RetryAfterReachesTheCache) {
    by_resource[std::string(login_app)] = scripted_transport::json(429, "", "Retry-After: 7\r\n");
    const auto t = fetch(usual_options());
    ASSERT_FALSE(t);
    EXPECT_EQ(t.error().retry_after, duration(7s));
    EXPECT_EQ(t.error().status, 429);
}

TEST_F(azure_secret_test, AServerThatRepeatsTheSecretDoesNotGetItIntoAnError) {
    answering_transport echo([](const transport_request& r) {
        return scripted_transport::json(401, R"({"error":"invalid_client","error_description":")" +
                                                 form_field(r.body, "client_secret") + " or " + r.body + R"("})");
    });
    const auto source = source_with(usual_options());
    const auto t = fetch_from(*source, echo);
    ASSERT_FALSE(t);
    EXPECT_TRUE(t.error().is(errc::token_refused));
    EXPECT_NE(t.error().detail.find("*** or "), std::string::npos) << t.error().detail;
    for (const std::string_view part : {secret, secret.substr(0, 6), std::string_view("s3cret%2F")})
        EXPECT_EQ(t.error().detail.find(part), std::string::npos) << t.error().detail;
}

std::optional<failure> why_not(azure_options o, std::string secret_given = "s3cret-value") {
    try {
        azure_client_secret(std::move(o), std::move(secret_given));
    } catch (const error& e) {
        EXPECT_EQ(e.why().detail.find("s3cret-value"), std::string::npos) << e.why().detail;
        return e.why();
    }
    return std::nullopt;
}

TEST(AzureClientSecret, WhatIsMissingIsNamedBeforeAnythingIsAsked) {
    EXPECT_FALSE(why_not(usual_options()));
    struct row {
        void (*spoil)(azure_options&);
        config_error cause;
        std::string_view words;
    };
    const row rows[] = {
        {[](azure_options& o) { o.host.clear(); }, config_error::no_host, "DATABRICKS_AZURE_RESOURCE_ID"},
        {[](azure_options& o) { o.host = "http://w.azuredatabricks.net"; }, config_error::bad_value, "https"},
        {[](azure_options& o) { o.client_id.clear(); }, config_error::no_credentials, "ARM_CLIENT_ID"},
        {[](azure_options& o) { o.environment = "MARS"; }, config_error::bad_value, "ARM_ENVIRONMENT"},
        {[](azure_options& o) { o.tenant_id = "a/b"; }, config_error::bad_value, "ARM_TENANT_ID"},
        {[](azure_options& o) { o.workspace_resource_id = "workspaces/w"; }, config_error::bad_value,
         "/subscriptions/"},
        {[](azure_options& o) { o.workspace_resource_id = "/subscriptions/a\r\nX: y"; }, config_error::bad_value,
         "/subscriptions/"},
        {[](azure_options& o) {
             o.host.clear();
             o.tenant_id.clear();
             o.workspace_resource_id = resource_id;
         },
         config_error::no_credentials, "ARM_TENANT_ID"},
    };
    for (const row& r : rows) {
        azure_options o = usual_options();
        r.spoil(o);
        const auto why = why_not(o);
        ASSERT_TRUE(why) << r.words;
        EXPECT_TRUE(why->is(errc::bad_config));
        EXPECT_EQ(why->cause, r.cause) << why->detail;
        EXPECT_NE(why->detail.find(r.words), std::string::npos) << why->detail;
    }
    const auto why = why_not(usual_options(), "");
    ASSERT_TRUE(why);
    EXPECT_NE(why->detail.find("ARM_CLIENT_SECRET"), std::string::npos) << why->detail;
}

}  // namespace
}  // namespace dbxapps::test
