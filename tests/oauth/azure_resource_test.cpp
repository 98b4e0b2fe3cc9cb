#include <oauth/azure_resource.hpp>

#include <config/config_error.hpp>

#include <gtest/gtest.h>

namespace dbxapps::oauth {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view id = "/subscriptions/s-1/resourceGroups/g(1)/providers/Microsoft.Databricks/workspaces/w";

TEST(azure_resource, an_id_is_a_path_below_subscriptions) {
    EXPECT_TRUE(is_resource_id(id));
    EXPECT_TRUE(is_resource_id("/SUBSCRIPTIONS/s-1"));
    for (const char* other : {"", "/", "subscriptions/s-1", "/subscriptions/", "/workspaces/w", "/subscriptions/a b",
                              "/subscriptions/a?x", "/subscriptions/a#x", "/subscriptions/a\r\nX: y"}) {
        EXPECT_FALSE(is_resource_id(other)) << other;
    }
}

TEST(azure_resource, an_id_of_a_workspace_names_its_kind) {
    EXPECT_TRUE(is_workspace_id(id));
    EXPECT_TRUE(is_workspace_id("/SUBSCRIPTIONS/s/RESOURCEGROUPS/g/PROVIDERS/MICROSOFT.DATABRICKS/WORKSPACES/W"));
    const std::string below = "/subscriptions/s/resourceGroups/g";
    for (const std::string& other :
         {below, below + "/providers/Microsoft.Storage/storageAccounts/w", below + "/Microsoft.Databricks/workspaces/w",
          below + "/providers/Microsoft.Databricks/workspaces/", below + "/providers/Microsoft.Databricks/workspaces",
          below + "/providers/Microsoft.Databricks/workspaces/w/x",
          below + "/providers/Microsoft.Databricks.x/workspaces/w",
          std::string("/providers/Microsoft.Databricks/workspaces/w"), std::string()}) {
        EXPECT_FALSE(is_workspace_id(other)) << other;
    }
}

TEST(azure_resource, is_asked_for_at_the_resource_manager) {
    EXPECT_EQ(resource_url(*azure_cloud_of("china"), id),
              "https://management.chinacloudapi.cn" + std::string(id) + "?api-version=2018-04-01");
}

TEST(azure_resource, tells_the_host) {
    const auto host = read_workspace_host("https://m.example/x?y", 200,
                                          R"({"properties":{"workspaceUrl":"ADB-7.8.azuredatabricks.net"}})");
    ASSERT_TRUE(host) << host.error().detail;
    EXPECT_EQ(*host, "https://adb-7.8.azuredatabricks.net");
}

TEST(azure_resource, what_tells_no_host_may_tell_it_later) {
    for (const char* body :
         {"", "x", "[]", "{}", R"({"properties":7})", R"({"properties":{}})", R"({"properties":{"workspaceUrl":7}})",
          R"({"properties":{"workspaceUrl":""}})", R"({"properties":{"workspaceUrl":"http://w.example"}})",
          R"({"properties":{"workspaceUrl":"http://127.0.0.1:1"}})", R"({"properties":{"workspaceUrl":"w.example"}})",
          R"({"properties":{"workspaceUrl":"azuredatabricks.net.example"}})"}) {
        const auto host = read_workspace_host("https://m.example/x?y", 200, body);
        ASSERT_FALSE(host) << body;
        EXPECT_TRUE(host.error().is(errc::token_unavailable)) << body;
        EXPECT_NE(host.error().detail.find("https://m.example/x has no usable"), std::string::npos)
            << host.error().detail;
    }
}

TEST(azure_resource, a_refusal_says_what_to_do) {
    const std::tuple<int, errc, std::string_view> rows[] = {
        {401, errc::token_refused, "let the identity read"},
        {403, errc::token_refused, "let the identity read"},
        {404, errc::bad_config, "DATABRICKS_AZURE_RESOURCE_ID"},
        {400, errc::bad_config, "DATABRICKS_AZURE_RESOURCE_ID"},
        {429, errc::token_unavailable, "trying later"},
        {503, errc::token_unavailable, "trying later"},
    };
    for (const auto& [status, code, words] : rows) {
        const auto host = read_workspace_host("https://m.example/x?y", status, "hush", 7s);
        ASSERT_FALSE(host) << status;
        EXPECT_TRUE(host.error().is(code)) << status;
        EXPECT_EQ(host.error().cause == config::config_error::credential_source, code == errc::token_refused) << status;
        EXPECT_EQ(host.error().status, status);
        EXPECT_EQ(host.error().retry_after, 7s);
        EXPECT_NE(host.error().detail.find(words), std::string::npos) << host.error().detail;
        EXPECT_EQ(host.error().detail.find("hush"), std::string::npos) << host.error().detail;
    }
}

}  // namespace
}  // namespace dbxapps::oauth
