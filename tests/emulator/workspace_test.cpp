#include <emulator/workspace.hpp>
#include <text/encoding.hpp>

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace dbxapps::emulated {
namespace {

using namespace std::chrono_literals;

constexpr time_point now{1000s};

struct workspace_test : testing::Test {
    site where{"https://emulated.cloud.databricks.com:444", "c id", "emulator-secret-x", "acc"};
    token_book tokens{"c id", 300, 1500ms};
    workspace pages{where, tokens, {}};
    request_head head;
    answer out;
    const std::string good_client = "Basic " + text::base64("c+id:emulator-secret-x");

    workspace_test() {
        head.method = "POST";
        head.target = "/oidc/v1/token";
        head.content_type = "application/x-www-form-urlencoded; charset=utf-8";
    }

    bool ask(std::string_view body) {
        out.reset(false, false);
        return pages.answer_token(head, body, now, {}, out);
    }
    boost::json::value json() const { return boost::json::parse(out.bytes.substr(out.bytes.find("\r\n\r\n") + 4)); }
    std::string error() const { return std::string(json().at("error").as_string()) + out.bytes.substr(8, 4); }
    bool says(std::string_view text) const { return out.bytes.find(text) != std::string::npos; }
};

TEST_F(workspace_test, a_client_gets_a_token_by_basic_authentication) {
    head.authorization = good_client;
    ASSERT_TRUE(ask("grant_type=client_credentials&scope=all-apis"));
    EXPECT_TRUE(says("cache-control: no-store\r\n"));
    EXPECT_EQ(json().at("token_type"), "Bearer");
    EXPECT_EQ(json().at("expires_in"), 1.5);
    EXPECT_EQ(json().at("scope"), "all-apis");
    EXPECT_TRUE(tokens.good(std::string(json().at("access_token").as_string()), now));
}

TEST_F(workspace_test, a_client_gets_a_token_by_credentials_in_the_body) {
    EXPECT_TRUE(ask("grant_type=client_credentials&client_id=c%20id&client_secret=emulator-secret-x"));
}

TEST_F(workspace_test, a_client_id_beside_the_same_in_basic_is_allowed) {
    head.authorization = good_client;
    EXPECT_TRUE(ask("grant_type=client_credentials&client_id=c+id"));
}

TEST_F(workspace_test, a_wrong_or_missing_secret_is_an_invalid_client) {
    for (const std::string& authorization :
         {std::string(), "Basic " + text::base64("c+id:other"), "Basic " + text::base64("other:emulator-secret-x"),
          std::string("Bearer x"), std::string("Basic ???")}) {
        head.authorization = authorization;
        EXPECT_FALSE(ask("grant_type=client_credentials"));
        EXPECT_EQ(error(), "invalid_client 401");
        EXPECT_TRUE(says("www-authenticate: Basic realm="));
        EXPECT_TRUE(says("cache-control: no-store\r\n"));
        EXPECT_FALSE(says("emulator-secret-"));
    }
}

TEST_F(workspace_test, two_ways_of_authentication_are_an_invalid_request) {
    head.authorization = good_client;
    EXPECT_FALSE(ask("grant_type=client_credentials&client_id=c+id&client_secret=emulator-secret-x"));
    EXPECT_EQ(error(), "invalid_request 400");
    EXPECT_FALSE(ask("grant_type=client_credentials&client_id=other"));
    EXPECT_EQ(error(), "invalid_request 400");
}

TEST_F(workspace_test, other_grants_are_unsupported_and_none_is_an_invalid_request) {
    head.authorization = good_client;
    EXPECT_FALSE(ask("grant_type=refresh_token"));
    EXPECT_EQ(error(), "unsupported_grant_type 400");
    for (const char* bad : {"", "scope=all-apis", "grant_type=", "grant_type=client_credentials&grant_type=x", "a=%"}) {
        EXPECT_FALSE(ask(bad));
        EXPECT_EQ(error(), "invalid_request 400") << bad;
    }
}

TEST_F(workspace_test, a_body_that_is_no_form_is_an_invalid_request) {
    head.authorization = good_client;
    head.content_type = "application/json";
    EXPECT_FALSE(ask("grant_type=client_credentials"));
    EXPECT_EQ(error(), "invalid_request 400");
}

TEST_F(workspace_test, scopes_other_than_all_apis_are_invalid) {
    head.authorization = good_client;
    EXPECT_FALSE(ask("grant_type=client_credentials&scope=all-apis+sql"));
    EXPECT_EQ(error(), "invalid_scope 400");
    EXPECT_TRUE(ask("grant_type=client_credentials&scope=+all-apis+"));
}

TEST_F(workspace_test, the_oauth_metadata_names_its_endpoints) {
    pages.answer_metadata(workspace::page::oauth_metadata, out);
    EXPECT_EQ(json().at("token_endpoint"), "https://emulated.cloud.databricks.com:444/oidc/v1/token");
    EXPECT_EQ(json().at("authorization_endpoint"), "https://emulated.cloud.databricks.com:444/oidc/v1/authorize");
}

TEST_F(workspace_test, the_host_metadata_describes_a_workspace) {
    pages.answer_metadata(workspace::page::host_metadata, out);
    EXPECT_EQ(json().at("oidc_endpoint"), "https://emulated.cloud.databricks.com:444/oidc");
    EXPECT_EQ(json().at("host_type"), "workspace");
    EXPECT_EQ(json().at("workspace_id"), "1234567890123456");
    EXPECT_EQ(json().at("cloud"), "AWS");
    EXPECT_EQ(json().at("account_id"), "acc");
}

TEST_F(workspace_test, metadata_that_is_switched_off_is_a_404) {
    const workspace bare(where, tokens, {false, false});
    for (const auto page : {workspace::page::host_metadata, workspace::page::oauth_metadata}) {
        out.reset(false, false);
        bare.answer_metadata(page, out);
        EXPECT_TRUE(out.bytes.starts_with("HTTP/1.1 404 "));
    }
}

TEST_F(workspace_test, pages_are_told_apart_by_method_and_path) {
    EXPECT_EQ(workspace::page_of(head), workspace::page::token);
    head.method = "GET";
    EXPECT_EQ(workspace::page_of(head), workspace::page::none);
    head.target = "/.well-known/databricks-config?x";
    EXPECT_EQ(workspace::page_of(head), workspace::page::host_metadata);
    head.target = "/oidc/.well-known/oauth-authorization-server";
    EXPECT_EQ(workspace::page_of(head), workspace::page::oauth_metadata);
    head.method = "POST";
    EXPECT_EQ(workspace::page_of(head), workspace::page::none);
}

}  // namespace
}  // namespace dbxapps::emulated
