#include <oauth/entra.hpp>

#include <config/config_error.hpp>

#include <gtest/gtest.h>

namespace dbxapps::oauth {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;
using config::config_error;

constexpr auto host = "https://adb-1.2.azuredatabricks.net"sv;
constexpr auto endpoint = "https://login.microsoftonline.com/t-1/oauth2/token"sv;
constexpr std::int64_t now = 1893456000;

TEST(entra, clouds_are_known_by_name_in_any_letter_case) {
    const std::pair<std::string_view, azure_cloud> rows[] = {
        {"PUBLIC",
         {"https://management.core.windows.net/", "https://management.azure.com/",
          "https://login.microsoftonline.com/"}},
        {"USGOVERNMENT",
         {"https://management.core.usgovcloudapi.net/", "https://management.usgovcloudapi.net/",
          "https://login.microsoftonline.us/"}},
        {"CHINA",
         {"https://management.core.chinacloudapi.cn/", "https://management.chinacloudapi.cn/",
          "https://login.chinacloudapi.cn/"}},
    };
    for (const auto& [name, expected] : rows) {
        std::string mixed = "aZuRe" + std::string(name) + "cLoUd", small(name);
        for (char& c : small)
            c = static_cast<char>(c | 0x20);
        for (const std::string& written : {std::string(name), small, mixed, " " + small + " "}) {
            const auto cloud = azure_cloud_of(written);
            ASSERT_TRUE(cloud) << written;
            EXPECT_EQ(cloud->service_management, expected.service_management) << written;
            EXPECT_EQ(cloud->resource_manager, expected.resource_manager) << written;
            EXPECT_EQ(cloud->directory, expected.directory) << written;
        }
    }
    EXPECT_EQ(azure_cloud_of("")->directory, "https://login.microsoftonline.com/");
}

TEST(entra, another_cloud_is_a_bad_value) {
    for (const char* name : {"GERMANY", "azure", "cloud", "publiccloud", "PUBLIC\r\nx"}) {
        const auto cloud = azure_cloud_of(name);
        ASSERT_FALSE(cloud) << name;
        EXPECT_EQ(cloud.error().cause, config_error::bad_value);
        EXPECT_NE(cloud.error().detail.find("USGOVERNMENT"), std::string::npos) << cloud.error().detail;
        EXPECT_EQ(cloud.error().detail.find('\n'), std::string::npos);
    }
}

TEST(entra, the_login_application_is_that_of_the_stage) {
    EXPECT_EQ(login_app_id("https://adb-1.2.dev.azuredatabricks.net"), "62a912ac-b58e-4c1d-89ea-b2dbfc7358fc");
    EXPECT_EQ(login_app_id("https://adb-1.2.staging.azuredatabricks.net"), "4a67d088-db5c-48f1-9ff2-0aace800ae68");
    for (const auto usual :
         {host, "https://w.databricks.azure.us"sv, "https://w.databricks.azure.cn"sv, "https://own.example"sv, ""sv,
          "https://own.example:8443/x.dev.azuredatabricks.net"sv, "https://mydev.azuredatabricks.net"sv}) {
        EXPECT_EQ(login_app_id(usual), "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d") << usual;
    }
    EXPECT_EQ(login_app_id("adb-1.2.dev.azuredatabricks.net"), "62a912ac-b58e-4c1d-89ea-b2dbfc7358fc");
    EXPECT_EQ(login_app_id("https://adb-1.2.dev.azuredatabricks.net:8443"), "62a912ac-b58e-4c1d-89ea-b2dbfc7358fc");
}

TEST(entra, the_tenant_is_the_first_part_of_the_path) {
    for (const auto& location : {"https://login.microsoftonline.com/t-1_x.example/oauth2/authorize?client_id=x"sv,
                                 "https://login.microsoftonline.com/t-1_x.example"sv,
                                 "https://login.microsoftonline.us/t-1_x.example?x=/y"sv}) {
        const auto tenant = read_tenant(host, 302, location);
        ASSERT_TRUE(tenant) << location;
        EXPECT_EQ(*tenant, "t-1_x.example");
    }
}

TEST(entra, no_tenant_says_what_came_and_what_to_set) {
    const std::tuple<int, std::optional<std::string_view>, std::string_view> rows[] = {
        {404, std::nullopt, "status 404"},
        {404, "https://login.microsoftonline.com/t-1/"sv, "status 404"},
        {200, std::nullopt, "status 200 and without a Location"},
        {302, "/login.html"sv, "no https URL with a tenant in it"},
        {302, ""sv, "no https URL with a tenant in it"},
        {302, "http://login.microsoftonline.com/t-1/"sv, "no https URL with a tenant in it"},
        {302, "https://login.microsoftonline.com"sv, "(https://login.microsoftonline.com/)"},
        {302, "https://login.microsoftonline.com//t-1"sv, "no https URL with a tenant in it"},
        {302, "https://login.microsoftonline.com/../x"sv, "no https URL with a tenant in it"},
        {302, "https://login.microsoftonline.com/a%2Fb/"sv, "no https URL with a tenant in it"},
    };
    for (const auto& [status, location, words] : rows) {
        const auto tenant = read_tenant(host, status, location);
        ASSERT_FALSE(tenant) << location.value_or("none");
        const failure& why = tenant.error();
        EXPECT_EQ(why.cause, config_error::no_credentials);
        EXPECT_EQ(why.status, status);
        EXPECT_NE(why.detail.find(words), std::string::npos) << why.detail;
        EXPECT_NE(why.detail.find("https://adb-1.2.azuredatabricks.net/aad/auth"), std::string::npos) << why.detail;
        EXPECT_NE(why.detail.find("ARM_TENANT_ID"), std::string::npos) << why.detail;
    }
    const auto state = read_tenant(host, 302, "https://x.example/?state=s3cret"sv);
    EXPECT_EQ(state.error().detail.find("s3cret"), std::string::npos) << state.error().detail;
}

TEST(entra, a_workspace_in_trouble_may_say_its_tenant_later) {
    for (const int status : {429, 500, 503}) {
        const auto tenant = read_tenant(host, status, std::nullopt);
        ASSERT_FALSE(tenant);
        EXPECT_TRUE(tenant.error().is(errc::token_unavailable)) << status;
        EXPECT_EQ(tenant.error().status, status);
    }
}

TEST(entra, requests_are_forms_for_one_resource) {
    const std::string where = entra_token_endpoint(*azure_cloud_of(""), "t-1");
    EXPECT_EQ(where, endpoint);
    const auto secret = entra_secret_request(where, "https://management.core.windows.net/", "id", "s3cret+/ =");
    EXPECT_EQ(secret.url, endpoint);
    EXPECT_EQ(secret.body,
              "grant_type=client_credentials&resource=https%3A%2F%2Fmanagement.core.windows.net%2F"
              "&client_id=id&client_secret=s3cret%2B%2F+%3D");
    using headers = std::vector<std::pair<std::string, std::string>>;
    EXPECT_EQ(secret.headers,
              (headers{{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}}));
    const auto assertion = entra_assertion_request(where, "app", "id", "a.b.c");
    EXPECT_EQ(assertion.body,
              "grant_type=client_credentials&resource=app&client_id=id"
              "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
              "&client_assertion=a.b.c");
    EXPECT_EQ(assertion.headers, secret.headers);
}

result<token> read(const std::string& times) {
    return read_entra_answer(endpoint, 200, R"({"token_type":"Bearer","access_token":"t0ken")" + times + "}", now);
}

TEST(entra, a_life_is_told_as_a_span_or_as_a_time_by_number_or_text) {
    const std::pair<const char*, duration> rows[] = {
        {R"(,"expires_in":3600)", 1h},
        {R"(,"expires_in":"3600")", 1h},
        {R"(,"expires_in":"3600","expires_on":"1")", 1h},
        {R"(,"expires_on":1893459600)", 1h},
        {R"(,"expires_on":"1893459600")", 1h},
        {R"(,"expires_in":0,"expires_on":"1893456001")", 1s},
        {R"(,"expires_on":"1893455999")", 0s},
        {R"(,"expires_on":-1e300)", 0s},
    };
    for (const auto& [times, life] : rows) {
        const auto t = read(times);
        ASSERT_TRUE(t) << times << ": " << t.error().detail;
        EXPECT_EQ(t->life(), life) << times;
        EXPECT_EQ(t->authorization(), "Bearer t0ken");
    }
}

TEST(entra, an_answer_that_says_no_time_is_not_believed) {
    for (const char* times : {"", R"(,"expires_in":0)", R"(,"expires_on":"soon")", R"(,"expires_on":null)",
                              R"(,"expires_on":1893456000000)", R"(,"expires_on":1e300)"}) {
        const auto t = read(times);
        ASSERT_FALSE(t) << times;
        EXPECT_TRUE(t.error().is(errc::token_unavailable));
        EXPECT_EQ(t.error().cause, errc::bad_response);
        EXPECT_NE(t.error().detail.find(endpoint), std::string::npos) << t.error().detail;
        EXPECT_EQ(t.error().detail.find("t0ken"), std::string::npos) << t.error().detail;
    }
}

TEST(entra, a_refusal_is_that_of_a_token_endpoint) {
    const auto t = read_entra_answer(
        endpoint, 401, R"({"error":"invalid_client","error_description":"AADSTS7000215 hush"})", now, 7s, {"hush"});
    ASSERT_FALSE(t);
    EXPECT_TRUE(t.error().is(errc::token_refused));
    EXPECT_EQ(t.error().retry_after, 7s);
    EXPECT_NE(t.error().detail.find("AADSTS7000215 ***"), std::string::npos) << t.error().detail;
}

TEST(entra, the_last_forty_seconds_of_a_life_are_not_used) {
    EXPECT_EQ(azure_life(1h), 1h - 40s);
    EXPECT_EQ(azure_life(40s), 0s);
    EXPECT_EQ(azure_life(39s), 0s);
    EXPECT_EQ(azure_life(0s), 0s);
    EXPECT_EQ(azure_life(std::nullopt), std::nullopt);
}

}  // namespace
}  // namespace dbxapps::oauth
