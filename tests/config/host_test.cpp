#include <config/host.hpp>

#include <config/config_error.hpp>

#include <gtest/gtest.h>

namespace dbxapps::config {
namespace {

std::string refusal(std::string_view given) {
    const auto host = normal_host(given);
    if (host) return "accepted as " + *host;
    EXPECT_TRUE(host.error().is(errc::bad_config)) << given;
    return host.error().detail;
}

TEST(host, is_written_in_one_way_however_it_was_given) {
    constexpr std::pair<std::string_view, std::string_view> rows[] = {
        {"https://abc.def.ghi", "https://abc.def.ghi"},
        {"https://abc.def.ghi/", "https://abc.def.ghi"},
        {"https://abc.def.ghi//", "https://abc.def.ghi"},
        {"abc.def.ghi", "https://abc.def.ghi"},
        {"abc.def.ghi/", "https://abc.def.ghi"},
        {"x", "https://x"},
        {"localhost:8080", "https://localhost:8080"},
        {"abc.def:443", "https://abc.def"},
        {"https://abc.def.ghi:443", "https://abc.def.ghi"},
        {"https://abc.def.ghi:8443", "https://abc.def.ghi:8443"},
        {"https://abc.def.ghi:8443/", "https://abc.def.ghi:8443"},
        {"https://abc.def.ghi/browse/folders?x=1#top", "https://abc.def.ghi"},
        {"abc.def.ghi/browse?o=1#top", "https://abc.def.ghi"},
        {"https://acme.databricks.net/?o=12345", "https://acme.databricks.net"},
        {"https://acme.databricks.net?w=12345", "https://acme.databricks.net"},
        {"acme.databricks.net?o=1", "https://acme.databricks.net"},
        {"acme.databricks.net/login.html?next=https://evil.example/", "https://acme.databricks.net"},
        {"acme.databricks.net?next=https://evil.example/", "https://acme.databricks.net"},
        {"HTTPS://Acme.Databricks.NET", "https://acme.databricks.net"},
        {" \thttps://abc.def.ghi \t", "https://abc.def.ghi"},
        {"http://localhost", "http://localhost"},
        {"http://localhost:80", "http://localhost"},
        {"http://127.0.0.1:8080/x", "http://127.0.0.1:8080"},
        {"http://[::1]:8080", "http://[::1]:8080"},
        {"127.0.0.1:8443", "https://127.0.0.1:8443"},
        {"[2001:DB8::1]:8443", "https://[2001:db8::1]:8443"},
    };
    for (const auto& [given, normal] : rows) {
        const auto host = normal_host(given);
        ASSERT_TRUE(host) << given << ": " << host.error().detail;
        EXPECT_EQ(*host, normal) << given;
        EXPECT_EQ(*normal_host(*host), normal) << "not a fixed point";
    }
}

TEST(host, of_an_app_is_not_that_of_its_workspace) {
    for (const auto app : {"https://orders-1.aws.databricksapps.com", "orders-1.aws.databricksapps.com/api/hello"})
        EXPECT_NE(refusal(app).find("is an app's"), std::string::npos) << refusal(app);
}

TEST(host, is_asked_for_when_none_is_given) {
    for (const auto none : {"", " ", "\t \t", "https://", "https:///", "https://:443", "https:///x", "https://?o=1",
                            "http://", "https://#x", ":443", "/", "?o=1"}) {
        EXPECT_EQ(refusal(none), "no host configured; set the workspace's URL (DATABRICKS_HOST)") << none;
    }
}

TEST(host, that_is_none_is_refused_with_the_reason) {
    constexpr std::pair<std::string_view, std::string_view> rows[] = {
        {"ftp://abc.def", "does not begin with https://"},
        {"://abc.def", "does not begin with https://"},
        {"https://a b", "contains a space"},
        {"abc.def\n", "contains a space"},
        {"https://abc.def:0", "has a port that is not between 1 and 65535"},
        {"abc.def:https", "has a port that is not between 1 and 65535"},
        {"https:abc.def", "has a port that is not between 1 and 65535"},
        {"abc.def.", "has no proper host name"},
        {"127.1", "has no proper host name"},
        {"https://https://abc.def", "has a port that is not between 1 and 65535"},
        {"user@abc.def", "user name or password"},
        {"https://user:pw@abc.def", "user name or password"},
        {"[::1", "'[' without its ']'"},
    };
    for (const auto& [given, reason] : rows) {
        EXPECT_NE(refusal(given).find(reason), std::string::npos) << given << ": " << refusal(given);
    }
    EXPECT_EQ(
        refusal("abc.def:0"),
        "the workspace host cannot be used: the URL 'https://abc.def:0' has a port that is not between 1 and 65535; "
        "wanted: https://<host>/<path>");
}

TEST(host, without_tls_is_for_loopback_only) {
    for (const auto given : {"http://abc.def", "http://10.0.0.1", "http://localhost.evil.example",
                             "http://127.0.0.1.evil.example", "http://[::2]", "HTTP://abc.def:443"}) {
        EXPECT_NE(refusal(given).find("has to be https: credentials are never sent in the clear"), std::string::npos)
            << given;
    }
}

TEST(host, keeps_secrets_out_of_the_words) {
    for (const auto given : {"user:s3cret@abc.def", "https://user:s3cret@abc.def", "https://user:s3cret @abc.def",
                             "http://user:s3cret@abc.def", "https://abc.def:0/?token=s3cret", "abc.def:0#s3cret"}) {
        EXPECT_EQ(refusal(given).find("s3cret"), std::string::npos) << refusal(given);
    }
}

TEST(host, keeps_its_letters_and_tells_the_ids_in_its_query) {
    struct row {
        std::string_view given, host, workspace_id, account_id;
    };
    constexpr row rows[] = {
        {"HTTPS://Dbc-XX.Databricks.NET:443/", "https://Dbc-XX.Databricks.NET", "", ""},
        {"[2001:DB8::1]:8443", "https://[2001:DB8::1]:8443", "", ""},
        {"Localhost:08080", "https://Localhost:8080", "", ""},
        {"https://x?w=abc&o=1", "https://x", "abc", ""},
        {"https://x/browse?o=1#w=2", "https://x", "1", ""},
        {"https://x?o=abc&workspace_id=99", "https://x", "99", ""},
        {"https://x?workspace_id=abc", "https://x", "", ""},
        {"https://x?o=9223372036854775808", "https://x", "", ""},
        {"https://x?o=-5", "https://x", "-5", ""},
        {"https://x?o=1&o=2", "https://x", "1", ""},
        {"https://x?wo=1&o=", "https://x", "", ""},
        {"https://x?account_id=b&a=c", "https://x", "", "c"},
        {"x?account_id=b", "https://x", "", "b"},
    };
    for (const auto& [given, host, workspace_id, account_id] : rows) {
        const auto read = read_host(given);
        ASSERT_TRUE(read) << given << ": " << read.error().detail;
        EXPECT_EQ(read->host, host) << given;
        EXPECT_EQ(read->workspace_id, workspace_id) << given;
        EXPECT_EQ(read->account_id, account_id) << given;
    }
}

TEST(host, that_cannot_be_used_says_which_kind_of_mistake_it_is) {
    EXPECT_EQ(read_host("https://:443").error().cause, config_error::no_host);
    EXPECT_EQ(read_host("ftp://x").error().cause, config_error::bad_value);
    EXPECT_EQ(read_host("http://x").error().cause, config_error::bad_value);
}

TEST(host, tells_the_cloud_by_its_end) {
    constexpr std::pair<std::string_view, std::string_view> rows[] = {
        {"https://a.cloud.databricks.com", "AWS"},
        {"https://a.cloud.databricks.us", "AWS"},
        {"https://a.azuredatabricks.net", "Azure"},
        {"https://a.dev.azuredatabricks.net:8443", "Azure"},
        {"https://A.AzureDatabricks.net", "Azure"},
        {"https://a.databricks.azure.us", "Azure"},
        {"https://a.databricks.azure.cn", "Azure"},
        {"https://a.gcp.databricks.com", "GCP"},
        {"https://a.staging.gcp.databricks.com", "GCP"},
        {"https://azuredatabricks.net", "AWS"},
        {"https://a.databricksapps.com", "AWS"},
        {"https://a.azuredatabricks.net.evil.example", "AWS"},
        {"", "AWS"},
    };
    for (const auto& [host, where] : rows)
        EXPECT_EQ(to_string(cloud_of_host(host)), where) << host;
}

TEST(host, of_accounts_consoles_is_known_by_its_beginning) {
    EXPECT_TRUE(is_account_host("https://accounts.cloud.databricks.com"));
    EXPECT_TRUE(is_account_host("https://accounts-dod.cloud.databricks.us"));
    EXPECT_TRUE(is_account_host("https://accounts.azuredatabricks.net"));
    for (const auto other :
         {"", "https://unified.cloud.databricks.com", "https://accounts", "https://accountsx.databricks.com",
          "https://my.accounts.cloud.databricks.com", "accounts.cloud.databricks.com",
          "http://accounts.cloud.databricks.com", "https://accounts-staging.databricks.com"}) {
        EXPECT_FALSE(is_account_host(other)) << other;
    }
}

}  // namespace
}  // namespace dbxapps::config
