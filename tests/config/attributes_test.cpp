#include <config/attributes.hpp>

#include <gtest/gtest.h>

#include <set>

namespace dbxapps::config {
namespace {

std::string normal(value_type type, std::string_view given) { return normal_value(type, given).value_or("malformed"); }

TEST(attributes, have_names_that_nothing_else_has) {
    std::set<std::string_view> keys, variables;
    for (const attribute_row& row : attributes()) {
        EXPECT_EQ(&row_of(row.id), &row);
        for (const auto key : {row.key, row.other_key}) {
            if (key.empty()) continue;
            EXPECT_TRUE(keys.insert(key).second) << key;
            EXPECT_EQ(find_attribute(key), &row);
        }
        for (const auto name : {row.variable, row.other_variable}) {
            EXPECT_TRUE(name.empty() || variables.insert(name).second) << name;
        }
    }
    EXPECT_EQ(keys.size(), 43U);
    EXPECT_EQ(variables.size(), 39U);
    EXPECT_EQ(find_attribute(""), nullptr);
    EXPECT_EQ(find_attribute("debug_truncate"), nullptr);
    EXPECT_EQ(find_attribute("HOST"), nullptr);
}

TEST(attributes, that_are_credentials_are_secret) {
    std::string secrets;
    for (const attribute_row& row : attributes()) {
        if (row.shown == display::secret) secrets += std::string(row.key) + " ";
    }
    EXPECT_EQ(secrets,
              "metadata_service_url token password google_credentials azure_client_secret "
              "actions_id_token_request_token client_secret ");
}

TEST(attributes, belong_to_the_methods_of_authentication_that_conflict) {
    std::string of_group;
    for (const auto group : {"pat", "basic", "oauth", "azure", "google", "metadata-service", "file-oidc", "env-oidc"}) {
        of_group += std::string(group) + ":";
        for (const attribute_row& row : attributes()) {
            if (row.group == group) of_group += " " + std::string(row.key);
        }
        of_group += "\n";
    }
    EXPECT_EQ(of_group,
              "pat: token\nbasic: username password\noauth: client_id client_secret\n"
              "azure: azure_workspace_resource_id azure_use_msi azure_client_secret azure_client_id azure_tenant_id "
              "azure_login_app_id\ngoogle: google_service_account google_credentials\n"
              "metadata-service: metadata_service_url\nfile-oidc: databricks_id_token_filepath\n"
              "env-oidc: oidc_token_env\n");
}

TEST(attributes, that_are_flags_know_the_words_of_the_go_sdk_and_no_others) {
    for (const auto yes : {"1", "t", "T", "TRUE", "true", "True"})
        EXPECT_EQ(normal(value_type::flag, yes), "true") << yes;
    for (const auto no : {"0", "f", "F", "FALSE", "false", "False", ""})
        EXPECT_EQ(normal(value_type::flag, no), "") << no;
    for (const auto other : {"yes", "no", "on", "2", "tRUE", " true", "true ", "00", "maybe"})
        EXPECT_EQ(normal(value_type::flag, other), "malformed") << other;
}

TEST(attributes, that_are_numbers_are_decimal) {
    constexpr std::pair<std::string_view, std::string_view> rows[] = {
        {"34", "34"},
        {"-1", "-1"},
        {"+7", "7"},
        {"007", "7"},
        {"0", ""},
        {"-0", ""},
        {"", ""},
        {"many", "malformed"},
        {"1.5", "malformed"},
        {"0x10", "malformed"},
        {"1_000", "malformed"},
        {" 1", "malformed"},
        {"1 ", "malformed"},
        {"+", "malformed"},
        {"+-1", "malformed"},
        {"-", "malformed"},
        {"9223372036854775807", "9223372036854775807"},
        {"9223372036854775808", "malformed"},
    };
    for (const auto& [given, wanted] : rows)
        EXPECT_EQ(normal(value_type::number, given), wanted) << given;
}

TEST(attributes, that_are_lists_lose_their_blanks_and_empty_items) {
    constexpr std::pair<std::string_view, std::string_view> rows[] = {
        {"alpha,   ,beta", "alpha,beta"},
        {" clusters, jobs  mlflow,pipelines\t", "clusters,jobs,mlflow,pipelines"},
        {",", ""},
        {"", ""},
        {"b,a,b", "b,a,b"},
    };
    for (const auto& [given, wanted] : rows)
        EXPECT_EQ(normal(value_type::list, given), wanted) << given;
    EXPECT_EQ(items_of("a,b"), (std::vector<std::string>{"a", "b"}));
}

}  // namespace
}  // namespace dbxapps::config
