#include <config/settings.hpp>

#include <gtest/gtest.h>

#include <sstream>

namespace dbxapps::config {
namespace {

using a = attribute;

TEST(settings, hold_values_with_their_types_and_where_they_came_from) {
    settings s;
    EXPECT_TRUE(s.set(a::host, "https://x", {origin::kind::environment, "DATABRICKS_HOST", {}}));
    EXPECT_TRUE(s.set(a::azure_use_msi, "T"));
    EXPECT_TRUE(s.set(a::rate_limit, "34", {origin::kind::file, "/c", "p"}));
    EXPECT_TRUE(s.set(a::scopes, "sql, clusters"));
    EXPECT_EQ(s.text(a::host), "https://x");
    EXPECT_TRUE(s.flag(a::azure_use_msi));
    EXPECT_FALSE(s.flag(a::debug_headers));
    EXPECT_EQ(s.number(a::rate_limit), 34);
    EXPECT_EQ(s.number(a::http_timeout_seconds), 0);
    EXPECT_EQ(s.list(a::scopes), (std::vector<std::string>{"sql", "clusters"}));
    EXPECT_EQ(to_string(s.from(a::host)), "DATABRICKS_HOST environment variable");
    EXPECT_EQ(to_string(s.from(a::rate_limit)), "/c config file, profile p");
    EXPECT_EQ(to_string(s.from(a::scopes)), "argument");
    EXPECT_FALSE(s.has(a::token));
}

TEST(settings, do_not_take_what_is_not_of_the_type) {
    settings s;
    EXPECT_TRUE(s.set(a::rate_limit, "7"));
    EXPECT_FALSE(s.set(a::rate_limit, "many"));
    EXPECT_EQ(s.number(a::rate_limit), 7);
    EXPECT_FALSE(s.set(a::azure_use_msi, "maybe"));
}

TEST(settings, of_zero_are_unset) {
    settings s;
    for (const auto& [which, zero] : {std::pair{a::token, ""},
                                      {a::azure_use_msi, "false"},
                                      {a::rate_limit, "0"},
                                      {a::scopes, " , "},
                                      {a::workspace_id, "none"}}) {
        EXPECT_TRUE(s.set(which, zero));
        EXPECT_FALSE(s.has(which)) << zero;
    }
}

TEST(settings, are_listed_in_order_and_without_secrets) {
    settings s;
    EXPECT_EQ(s.shown(), "");
    s.set(a::auth_type, "pat");
    s.set(a::scopes, "sql");
    EXPECT_EQ(s.shown(), "") << "what the SDK for Go leaves out";
    s.set(a::client_secret, "s3cret");
    s.set(a::token, "s3cret");
    s.set(a::host, "https://x");
    s.set_variable(a::token, "DATABRICKS_TOKEN");
    s.set_variable(a::host, "DATABRICKS_HOST");
    s.set_variable(a::auth_type, "DATABRICKS_AUTH_TYPE");
    s.set_variable(a::password, "DATABRICKS_PASSWORD");
    EXPECT_EQ(s.shown(),
              ". Config: host=https://x, token=***, client_secret=***. Env: DATABRICKS_HOST, DATABRICKS_TOKEN");
    std::ostringstream out;
    out << s;
    EXPECT_EQ(out.str().find("s3cret"), std::string::npos);
}

TEST(settings, tell_no_secret_in_any_text) {
    settings s;
    for (const attribute_row& row : attributes()) {
        if (row.shown == display::secret) s.set(row.id, "s3cret");
    }
    s.set(a::host, "https://user:s3cret@x");
    s.set(a::actions_id_token_request_url, "https://x/y?token=s3cret");
    EXPECT_EQ(s.shown().find("s3cret"), std::string::npos) << s.shown();
    EXPECT_NE(s.shown().find("host=***"), std::string::npos);
    EXPECT_NE(s.shown().find("actions_id_token_request_url=https://x/y,"), std::string::npos);
    s.set(a::cluster_id, "a\r\nb\x1b[2J" + std::string(300, 'x'));
    EXPECT_NE(s.shown().find("cluster_id=a..b.[2Jxxx"), std::string::npos);
    EXPECT_LT(s.shown(a::cluster_id).size(), 210U);
}

}  // namespace
}  // namespace dbxapps::config
