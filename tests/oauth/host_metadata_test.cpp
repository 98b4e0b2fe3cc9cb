#include <oauth/host_metadata.hpp>

#include <gtest/gtest.h>

namespace dbxapps::oauth {
namespace {

host_metadata read(std::string_view body) {
    auto out = read_host_metadata(200, body);
    EXPECT_TRUE(out) << body.substr(0, 100);
    return out ? *out : host_metadata{};
}

TEST(host_metadata, has_all_that_a_host_says) {
    const auto m =
        read(R"({"oidc_endpoint":"https://w.example/oidc","account_id":"acc","workspace_id":"17","cloud":"AWS",)"
             R"("host_type":"workspace","token_federation_default_oidc_audiences":["first","second"],"new":{}})");
    EXPECT_EQ(m.oidc_endpoint, "https://w.example/oidc");
    EXPECT_EQ(m.account_id, "acc");
    EXPECT_EQ(m.workspace_id, "17");
    EXPECT_EQ(m.cloud, "AWS");
    EXPECT_EQ(m.host_type, "workspace");
    EXPECT_EQ(m.audiences, (std::vector<std::string>{"first", "second"}));
}

TEST(host_metadata, is_there_only_in_an_object_with_status_200) {
    for (const int status : {0, 201, 204, 302, 404, 500})
        EXPECT_FALSE(read_host_metadata(status, R"({"cloud":"AWS"})")) << status;
    for (const std::string body : {"", "null", "[]", "7", "\"x\"", "{", "<html>", "{} {}", "{\"cloud\":\"\xff\"}"})
        EXPECT_FALSE(read_host_metadata(200, body)) << body;
    EXPECT_FALSE(read_host_metadata(200, std::string(100000, '[')));
    EXPECT_TRUE(read_host_metadata(200, "{}"));
}

TEST(host_metadata, takes_ids_that_are_numbers) {
    const auto m = read(R"({"account_id":-5,"workspace_id":18446744073709551615})");
    EXPECT_EQ(m.account_id, "-5");
    EXPECT_EQ(m.workspace_id, "18446744073709551615");
    EXPECT_EQ(read(R"({"workspace_id":1234567890123456})").workspace_id, "1234567890123456");
    EXPECT_EQ(read(R"({"workspace_id":1.5e3})").workspace_id, "");
}

TEST(host_metadata, takes_no_id_that_would_lead_elsewhere_in_a_path) {
    EXPECT_EQ(read(R"({"account_id":"0aB_9-f"})").account_id, "0aB_9-f");
    for (const std::string id : {"a/b", "../x", "a?b", "a#b", "a b", "a%2fb", "a@b", "a:1", "a\\r\\nb", "\xc3\xa4"}) {
        const auto m = read(R"({"account_id":")" + id + R"(","workspace_id":")" + id + "\"}");
        EXPECT_EQ(m.account_id, "") << id;
        EXPECT_EQ(m.workspace_id, "") << id;
    }
}

TEST(host_metadata, writes_the_names_of_clouds_and_types_as_usual) {
    const std::pair<const char*, const char*> clouds[] = {{"aws", "AWS"},     {"Aws", "AWS"}, {"AZURE", "Azure"},
                                                          {"azure", "Azure"}, {"gcp", "GCP"}, {"", ""},
                                                          {"IBM", ""},        {"AWS ", ""}};
    for (const auto& [given, expected] : clouds)
        EXPECT_EQ(read(R"({"cloud":")" + std::string(given) + R"("})").cloud, expected) << given;
    const std::pair<const char*, const char*> types[] = {{"WORKSPACE", "workspace"}, {"Account", "account"},
                                                         {"unified", "unified"},     {"CUSTOM_HOST", ""},
                                                         {"accounts", ""},           {"", ""}};
    for (const auto& [given, expected] : types)
        EXPECT_EQ(read(R"({"host_type":")" + std::string(given) + R"("})").host_type, expected) << given;
}

TEST(host_metadata, passes_over_members_of_another_type) {
    for (const std::string value : {"null", "true", "[]", "{}", "1.5", R"(["x"])", R"({"x":"y"})"}) {
        std::string body = "{";
        for (const auto* name : {"oidc_endpoint", "account_id", "workspace_id", "cloud", "host_type"})
            body += "\"" + std::string(name) + "\":" + value + ",";
        const auto m = read(body + R"("token_federation_default_oidc_audiences":"x"})");
        EXPECT_EQ(m.oidc_endpoint + m.account_id + m.workspace_id + m.cloud + m.host_type, "") << value;
        EXPECT_TRUE(m.audiences.empty()) << value;
    }
    EXPECT_EQ(read(R"({"oidc_endpoint":7,"cloud":7,"host_type":7})").oidc_endpoint, "");
    EXPECT_EQ(read(R"({"token_federation_default_oidc_audiences":[null,7,"","a",["b"]]})").audiences,
              (std::vector<std::string>{"a"}));
}

TEST(host_metadata, passes_over_what_is_no_audience) {
    const auto audiences = [](const std::string& first) {
        return read(R"({"token_federation_default_oidc_audiences":[")" + first + R"(","next"]})").audiences;
    };
    const std::string longest(1024, 'x');
    EXPECT_EQ(audiences(longest), (std::vector<std::string>{longest, "next"}));
    EXPECT_EQ(audiences("https://w.example/a b?c=\xc3\xa4").size(), 2u);
    for (const std::string& none : {longest + "x", std::string("a\\nb"), std::string("a\\u0000b"),
                                    std::string("\\u001f"), std::string("a\\u007f")})
        EXPECT_EQ(audiences(none), std::vector<std::string>{"next"}) << none.substr(0, 20);
}

TEST(host_metadata, stands_at_a_fixed_place) {
    EXPECT_EQ(metadata_url_of("https://w.example"), "https://w.example/.well-known/databricks-config");
}

std::string discovery_url(const char* endpoint, const char* its_account, const char* account,
                          const char* host = "https://w.example") {
    host_metadata m;
    m.oidc_endpoint = endpoint;
    m.account_id = its_account;
    return discovery_url_of(m, account, host);
}

TEST(discovery_url, is_that_of_the_oidc_endpoint_with_the_account_filled_in) {
    const std::string behind = "/.well-known/oauth-authorization-server";
    EXPECT_EQ(discovery_url("https://w.example/oidc", "", ""), "https://w.example/oidc" + behind);
    EXPECT_EQ(discovery_url("https://w.example/oidc/", "a", "b"), "https://w.example/oidc" + behind);
    const auto* open = "https://w.example/oidc/accounts/{account_id}";
    EXPECT_EQ(discovery_url(open, "its", ""), "https://w.example/oidc/accounts/its" + behind);
    EXPECT_EQ(discovery_url(open, "its", "mine"), "https://w.example/oidc/accounts/mine" + behind);
}

TEST(discovery_url, is_empty_without_an_endpoint_to_believe) {
    for (const auto* endpoint :
         {"", "/", "/oidc", "w.example/oidc", "http://w.example/oidc", "ftp://w.example", "https://u:p@w.example/oidc",
          "https://w.example/{account_id}", "https://w.example/ x"})
        EXPECT_EQ(discovery_url(endpoint, "", ""), "") << endpoint;
    EXPECT_EQ(discovery_url("https://w.example/{account_id}", "a b", ""), "");
    EXPECT_NE(discovery_url("http://127.0.0.1:8000/oidc", "", "", "http://127.0.0.1:8000"), "");
    EXPECT_EQ(discovery_url("http://127.0.0.1:8000/oidc", "", ""), "") << "a distant host names a port of this machine";
}

}  // namespace
}  // namespace dbxapps::oauth
