#include <oauth/token_endpoint.hpp>

#include <config/config_error.hpp>

#include <gtest/gtest.h>

namespace dbxapps::oauth {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;

constexpr auto endpoint = "https://ws.example/oidc/v1/token"sv;

result<token> read(std::string_view body, int status = 200) { return read_token_answer(endpoint, status, body); }
result<token> read_expiry(const std::string& json) {
    return read(R"({"access_token":"t0ken","token_type":"Bearer","expires_in":)" + json + "}");
}

// A refusal says where it came from and shows nothing that is a secret or could forge a line of a log.
failure why_not(std::string_view body, int status = 200) {
    const auto answer = read(body, status);
    if (answer) {
        ADD_FAILURE() << "accepted: " << body.substr(0, 200);
        return {};
    }
    const failure& f = answer.error();
    EXPECT_NE(f.detail.find(endpoint), std::string::npos) << f.detail;
    EXPECT_NE(f.detail.find("status " + std::to_string(status)), std::string::npos) << f.detail;
    EXPECT_EQ(f.detail.find("t0ken"), std::string::npos) << f.detail;
    EXPECT_LT(f.detail.size(), 700U);
    for (const char c : f.detail)
        EXPECT_TRUE(c >= 0x20 && c < 0x7f) << f.detail;
    EXPECT_EQ(f.status, status);
    return f;
}
void expect_unusable(std::string_view body, std::string_view reason) {
    const failure f = why_not(body);
    EXPECT_TRUE(f.is(errc::token_unavailable)) << body.substr(0, 200);
    EXPECT_EQ(f.cause, errc::bad_response);
    EXPECT_NE(f.detail.find(reason), std::string::npos) << f.detail;
    EXPECT_NE(f.detail.find("check that the host is the workspace's own"), std::string::npos) << f.detail;
}

TEST(token_request, is_exactly_the_form_of_rfc_6749) {
    const auto r = client_credentials_request(endpoint, "test-client-id", "test-client-secret", {});
    using headers = std::vector<std::pair<std::string, std::string>>;
    EXPECT_EQ(r.url, endpoint);
    EXPECT_EQ(r.method, "POST");
    EXPECT_EQ(r.headers, (headers{{"Content-Type", "application/x-www-form-urlencoded"},
                                  {"Accept", "application/json"},
                                  {"Authorization", "Basic dGVzdC1jbGllbnQtaWQ6dGVzdC1jbGllbnQtc2VjcmV0"}}));
    EXPECT_EQ(r.body, "grant_type=client_credentials&scope=all-apis");
}

TEST(token_request, names_the_scopes_sorted) {
    EXPECT_EQ(client_credentials_request(endpoint, "i", "s", {"unity-catalog:read"}).body,
              "grant_type=client_credentials&scope=unity-catalog%3Aread");
    EXPECT_EQ(client_credentials_request(endpoint, "i", "s", {"jobs:read", "clusters", "mlflow:read"}).body,
              "grant_type=client_credentials&scope=clusters+jobs%3Aread+mlflow%3Aread");
    EXPECT_EQ(client_credentials_request(endpoint, "i", "s", {"a&grant_type=password"}).body,
              "grant_type=client_credentials&scope=a%26grant_type%3Dpassword");
}

TEST(token_request, encodes_id_and_secret_before_base64) {
    const auto authorization = [](std::string_view id, std::string_view secret) {
        return client_credentials_request(endpoint, id, secret, {}).headers.at(2).second;
    };
    EXPECT_EQ(authorization("a:b", "c d"), "Basic YSUzQWI6Yytk");                      // a%3Ab:c+d
    EXPECT_EQ(authorization("i", "p@ss%\xc3\xa9"), "Basic aTpwJTQwc3MlMjUlQzMlQTk=");  // i:p%40ss%25%C3%A9
    EXPECT_EQ(authorization("test-client", "test-secret"), "Basic dGVzdC1jbGllbnQ6dGVzdC1zZWNyZXQ=");
    const auto long_one = authorization(std::string(500, 'i'), std::string(500, 's') + "\r\n");
    EXPECT_EQ(long_one.find_first_of("\r\n"), std::string::npos) << "base64 here has no line ends";
}

TEST(token_request, scopes_are_trimmed_sorted_and_each_named_once) {
    using list = std::vector<std::string>;
    const std::pair<list, std::string> rows[] = {
        {{}, "all-apis"},
        {{""}, "all-apis"},
        {{" ", "\t"}, "all-apis"},
        {{"jobs", "clusters", "mlflow"}, "clusters jobs mlflow"},
        {{"clusters", "jobs", "clusters", "jobs", "mlflow"}, "clusters jobs mlflow"},
        {{"clusters", "", "jobs", ""}, "clusters jobs"},
        {{" alpha", "beta\t", "alpha "}, "alpha beta"},
        {{"b", "B", "a:1", "a", "-"}, "- B a a:1 b"},
        {{"clusters", "jobs", "pipelines", "iam:read", "files:read", "mlflow", "model-serving"},
         "clusters files:read iam:read jobs mlflow model-serving pipelines"},
    };
    for (const auto& [scopes, expected] : rows)
        EXPECT_EQ(normal_scopes(scopes), expected);
}

TEST(token_answer, gives_the_token_and_its_life) {
    const auto t =
        read(R"({"access_token":"t0ken","token_type":"Bearer","expires_in":3600,"scope":"all-apis","x":[{}]})");
    ASSERT_TRUE(t);
    EXPECT_EQ(t->authorization(), "Bearer t0ken");
    EXPECT_EQ(t->life(), 1h);
}

TEST(token_answer, type_is_bearer_in_any_letter_case_or_unsaid) {
    for (const auto* type : {R"("Bearer")", R"("bearer")", R"("BEARER")", R"("")", "null"}) {
        const auto t = read(R"({"access_token":"t0ken","token_type":)" + std::string(type) + "}");
        ASSERT_TRUE(t) << type;
        EXPECT_EQ(t->authorization(), "Bearer t0ken") << "always written in one way";
    }
    expect_unusable(R"({"access_token":"t0ken","token_type":"mac"})", "its token_type is 'mac', not Bearer");
    expect_unusable(R"({"access_token":"t0ken","token_type":"a\r\nb"})", "its token_type is 'a..b', not Bearer");
}

TEST(token_answer, expires_when_it_says_so) {
    const std::pair<std::string, duration> rows[] = {{"1", 1s},
                                                     {"3600", 1h},
                                                     {"3599.5", 3599500ms},
                                                     {"0.25", 250ms},
                                                     {"\"3600\"", 1h},
                                                     {"\"1800.5\"", 1800500ms},
                                                     {"3.6e3", 1h},
                                                     {"\"36e2\"", 1h},
                                                     {"316224000", 316224000s},
                                                     {"18000000000e-6", 5h}};
    for (const auto& [json, life] : rows) {
        const auto t = read_expiry(json);
        ASSERT_TRUE(t) << json << ": " << t.error().detail;
        EXPECT_EQ(t->life(), life) << json;
    }
}

TEST(token_answer, without_an_expiry_or_with_zero_never_expires) {
    for (const auto* json : {"0", "0.0", "-0", "-0.0", "\"0\"", "null"}) {
        const auto t = read_expiry(json);
        ASSERT_TRUE(t) << json << ": " << t.error().detail;
        EXPECT_EQ(t->life(), std::nullopt) << json;
    }
    EXPECT_EQ(read(R"({"access_token":"t0ken"})")->life(), std::nullopt);
    EXPECT_NE(read_expiry("1e-12")->life(), std::nullopt) << "next to nothing is not for ever";
}

TEST(token_answer, with_an_absurd_expiry_is_refused) {
    for (const auto* json : {"-1", "-0.5", "-3600", "-9223372036854775808", "-1e300", "\"-1\"", "\"-inf\""}) {
        expect_unusable(R"({"access_token":"t0ken","expires_in":)" + std::string(json) + "}",
                        "its expires_in is negative");
    }
    for (const auto* json : {"316224001", "1e10", "9223372036854775807", "18446744073709551615", "18446744073709551616",
                             "1e300", "99999999999999999999999999999999", "\"1e300\"", "\"inf\"", "\"infinity\""}) {
        expect_unusable(R"({"access_token":"t0ken","expires_in":)" + std::string(json) + "}",
                        "its expires_in is over ten years");
    }
    for (const auto* json : {"\"\"",
                             "\" \"",
                             "\"soon\"",
                             "\"nan\"",
                             "\"NaN\"",
                             "\"-nan\"",
                             "\"nan(1)\"",
                             "\"3600s\"",
                             "\" 3600\"",
                             "\"3600 \"",
                             "\"+3600\"",
                             "\"0x10\"",
                             "\"1,5\"",
                             "\"1e400\"",
                             "\"36\\u000000\"",
                             "true",
                             "false",
                             "[]",
                             "[3600]",
                             "{}",
                             "{\"s\":3600}",
                             "\"2030-01-01T00:00:00Z\""}) {
        expect_unusable(R"({"access_token":"t0ken","expires_in":)" + std::string(json) + "}",
                        "its expires_in is not a number");
    }
    for (const auto* json : {"NaN", "Infinity", "-Infinity", "01", "+1", ".5", "0x10", "3600,", "1e", "--1"}) {
        expect_unusable(R"({"access_token":"t0ken","expires_in":)" + std::string(json) + "}", "its body is not JSON");
    }
    const auto huge = read_expiry("1e999");
    ASSERT_FALSE(huge);
    const auto digits = read_expiry(std::string(100000, '9'));
    ASSERT_FALSE(digits);
    EXPECT_LT(digits.error().detail.size(), 700U);
}

TEST(token_answer, that_is_not_a_json_object_is_refused) {
    for (const auto body :
         {""sv, " "sv, "<html>Sign in</html>"sv, "access_token=t0ken"sv, "{"sv, "}"sv, "{\"access_token\":\"t0ken\""sv,
          "{'access_token':'t0ken'}"sv, "{\"access_token\":\"t0ken\"}x"sv, "{\"access_token\":\"t0ken\"}{}"sv,
          "{access_token:\"t0ken\"}"sv, "\xef\xbb\xbf{\"access_token\":\"t0ken\"}"sv,
          "{\"access_token\":\"t0ken\xff\"}"sv, "{\"access_token\":\"t0ken\",}"sv, "{\"access_token\":\"t0ken\"}\0"sv,
          "{\"access_token\":\"t0k\nen\"}"sv}) {
        expect_unusable(body, "its body is not JSON");
    }
    for (const auto body : {"null"sv, "true"sv, "7"sv, "\"t0ken\""sv, "[]"sv, "[{\"access_token\":\"t0ken\"}]"sv}) {
        expect_unusable(body, "its body is not a JSON object");
    }
    expect_unusable(std::string(100000, '['), "its body is not JSON");
    expect_unusable("{\"access_token\":\"t0ken\",\"x\":" + std::string(1000, '[') + std::string(1000, ']') + "}",
                    "its body is not JSON");
}

TEST(token_answer, without_a_token_is_refused) {
    for (const auto body :
         {"{}"sv, "{\"access_token\":\"\"}"sv, "{\"access_token\":null}"sv, "{\"access_token\":7}"sv,
          "{\"access_token\":true}"sv, "{\"access_token\":[\"t0ken\"]}"sv, "{\"access_token\":{\"t0ken\":1}}"sv,
          "{\"Access_Token\":\"t0ken\"}"sv, "{\"token\":\"t0ken\"}"sv, "{\"error\":\"invalid_client\"}"sv}) {
        expect_unusable(body, "its body has no access_token");
    }
}

TEST(token_answer, with_a_token_that_could_break_a_header_is_refused) {
    for (const auto* inside : {"\\r\\nX-Evil: 1", "\\n", "\\r", "\\u0000", "\\t", " ", "\\u007f", "\\u001b[31m",
                               "\\u00e9", "\xc3\xa9", "\\u2028"}) {
        for (const std::string shape : {"t0ken?", "?t0ken", "t0?ken"}) {
            std::string made = shape;
            made.replace(made.find('?'), 1, inside);
            expect_unusable("{\"access_token\":\"" + made + "\"}",
                            "its access_token contains characters that no token has");
        }
    }
    EXPECT_EQ(read(R"({"access_token":"-._~+/=!\"\\{}"})")->access_token(), R"(-._~+/=!"\{})");
}

TEST(token_answer, of_a_mebibyte_is_read_like_a_small_one) {
    const std::string large(1u << 20, 'x');
    const auto padded = read(R"({"pad":")" + large + R"(","access_token":"t0ken","expires_in":60})");
    ASSERT_TRUE(padded);
    EXPECT_EQ(padded->access_token(), "t0ken");
    EXPECT_EQ(read(R"({"access_token":")" + large + "\"}")->access_token().size(), large.size());
    expect_unusable(large, "its body is not JSON");
    why_not(R"({"error":")" + large + R"(","error_description":")" + large + "\"}", 400);
    why_not(large, 500);
}

TEST(token_answer, a_refusal_for_good_is_known_by_its_code) {
    const std::pair<std::string_view, std::string_view> rows[] = {
        {"invalid_client", "check client id and secret"},   {"invalid_grant", "log in again"},
        {"invalid_scope", "check the scopes asked for"},    {"unauthorized_client", "check the service principal"},
        {"access_denied", "check the service principal"},   {"unsupported_grant_type", "check the service principal"},
        {"invalid_request", "check the service principal"}, {"invalid_target", "check the service principal"},
        {"consent_required", "check the service principal"}};
    for (const auto& [code, advice] : rows) {
        const std::string body = R"({"error":")" + std::string(code) + R"(","error_description":"because"})";
        for (const int status : {400, 401, 403}) {
            const failure f = why_not(body, status);
            EXPECT_TRUE(f.is(errc::token_refused)) << code;
            EXPECT_EQ(f.cause, config::config_error::credential_source);
            EXPECT_NE(f.detail.find(": " + std::string(code) + ": because; "), std::string::npos) << f.detail;
            EXPECT_NE(f.detail.find(advice), std::string::npos) << f.detail;
        }
        for (const int status : {302, 404, 429, 500, 503}) {
            EXPECT_TRUE(why_not(body, status).is(errc::token_unavailable)) << code << " with status " << status;
        }
    }
    EXPECT_EQ(why_not(R"({"error":"invalid_client","error_description":"Client authentication failed"})", 401).detail,
              "the token endpoint https://ws.example/oidc/v1/token answered with status 401: invalid_client: Client "
              "authentication failed; check client id and secret, and that the secret has not expired");
}

TEST(token_answer, any_other_refusal_may_pass) {
    for (const int status : {201, 204, 400, 401, 403, 404, 429, 500, 502, 503, 504}) {
        for (const auto body :
             {""sv, "<html>no</html>"sv, "{}"sv, "[]"sv, "null"sv, "{\"error\":7}"sv,
              "{\"error\":\"temporarily_unavailable\"}"sv, "{\"error\":\"server_error\",\"error_description\":null}"sv,
              "{\"error\":\"INVALID_CLIENT\"}"sv, "{\"access_token\":\"t0ken\",\"expires_in\":3600}"sv,
              "invalid_client"sv}) {
            const failure f = why_not(body, status);
            EXPECT_TRUE(f.is(errc::token_unavailable)) << status << " " << body;
            EXPECT_NE(f.detail.find("; trying later may help"), std::string::npos) << f.detail;
        }
    }
    EXPECT_EQ(
        why_not("<html>", 302).detail,
        "the token endpoint https://ws.example/oidc/v1/token answered with status 302; check that the host is the "
        "workspace's own address");
    EXPECT_EQ(why_not("<html>", 503).detail,
              "the token endpoint https://ws.example/oidc/v1/token answered with status 503; trying later may help");
}

TEST(token_answer, words_of_a_workspace_that_blocks_an_address_are_passed_on) {
    const failure f = why_not(
        R"({"error_code":403,"message":"Source IP address: 192.0.2.1 is blocked by Databricks IP ACL for workspace: 1"})",
        403);
    EXPECT_TRUE(f.is(errc::token_unavailable));
    EXPECT_NE(f.detail.find(": Source IP address: 192.0.2.1 is blocked by Databricks IP ACL"), std::string::npos)
        << f.detail;
}

TEST(token_answer, words_of_the_endpoint_cannot_forge_lines) {
    const failure f =
        why_not("{\"error\":\"x\\r\\n\\u001b[31m\",\"error_description\":\"\\n\xc3\xa9\\u0000end\"}", 400);
    EXPECT_NE(f.detail.find("x...[31m"), std::string::npos) << f.detail;
    EXPECT_NE(f.detail.find("....end"), std::string::npos) << f.detail;
}

TEST(token_answer, a_wait_that_was_asked_for_is_carried_on) {
    for (const int status : {400, 429, 500, 503}) {
        const auto refused = read_token_answer(endpoint, status, "", 7s);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().retry_after, 7s) << status;
    }
    EXPECT_EQ(why_not("", 429).retry_after, std::nullopt);
}

TEST(token_answer, tells_no_query_of_its_endpoint) {
    const std::string secretive = "https://user:hush@t.example/token?key=hush#hush";
    for (const auto& [status, body] :
         {std::pair(200, "{}"), {200, "x"}, {400, R"({"error":"invalid_client"})"}, {503, ""}}) {
        const auto r = read_token_answer(secretive, status, body);
        ASSERT_FALSE(r);
        EXPECT_NE(r.error().detail.find("https://t.example/token answered"), std::string::npos) << r.error().detail;
        EXPECT_EQ(r.error().detail.find("hush"), std::string::npos) << r.error().detail;
    }
}

}  // namespace
}  // namespace dbxapps::oauth
