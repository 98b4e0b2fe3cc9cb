#include <oauth/token_exchange.hpp>

#include <text/encoding.hpp>

#include <gtest/gtest.h>

namespace dbxapps::oauth {
namespace {

using namespace std::chrono_literals;
using headers = std::vector<std::pair<std::string, std::string>>;

const std::string endpoint = "https://ws.example/oidc/v1/token";
const std::string id_token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJyZXBvOm9yZyJ9.c2lnbmF0dXJl+c2lnbmF0dXJl/x=";

TEST(token_exchange, is_exactly_the_form_of_rfc_8693_without_client_authentication) {
    const auto r = token_exchange_request(endpoint, "a+b/c=", "app id", {"jobs:read", "clusters"});
    EXPECT_EQ(r.method, "POST");
    EXPECT_EQ(r.url, endpoint);
    EXPECT_EQ(r.headers,
              (headers{{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}}));
    EXPECT_EQ(r.body,
              "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange"
              "&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt"
              "&subject_token=a%2Bb%2Fc%3D&scope=clusters+jobs%3Aread&client_id=app+id");
}

TEST(token_exchange, for_the_whole_account_names_no_client) {
    const auto r = token_exchange_request(endpoint, "t", "", {});
    EXPECT_EQ(r.body.find("client_id"), std::string::npos) << r.body;
    EXPECT_TRUE(r.body.ends_with("&subject_token=t&scope=all-apis")) << r.body;
}

TEST(token_exchange_answer, is_read_as_that_of_any_grant) {
    const auto r = read_token_exchange_answer(endpoint, 200, R"({"access_token":"t","expires_in":298})", {}, id_token);
    ASSERT_TRUE(r) << r.error().detail;
    EXPECT_EQ(r->access_token(), "t");
    EXPECT_EQ(r->life(), duration(298s));
}

TEST(token_exchange_answer, that_says_no_tells_to_look_at_the_policy) {
    for (const std::string code : {"invalid_grant", "invalid_request", "invalid_client", "unauthorized_client"}) {
        const auto r = read_token_exchange_answer(
            endpoint, 400, R"({"error":")" + code + R"(","error_description":"no policy"})", {}, id_token);
        ASSERT_FALSE(r);
        EXPECT_TRUE(r.error().is(errc::token_refused)) << r.error().detail;
        const std::string words = "status 400: " + code + ": no policy; check that the ID token is still good, and";
        EXPECT_NE(r.error().detail.find(words), std::string::npos) << r.error().detail;
        EXPECT_NE(r.error().detail.find("federation policy"), std::string::npos) << r.error().detail;
    }
    const auto scope = read_token_exchange_answer(endpoint, 400, R"({"error":"invalid_scope"})", {}, id_token);
    ASSERT_FALSE(scope);
    EXPECT_TRUE(scope.error().detail.ends_with("check the scopes asked for")) << scope.error().detail;
    const auto busy = read_token_exchange_answer(endpoint, 503, "", duration(7s), id_token);
    ASSERT_FALSE(busy);
    EXPECT_TRUE(busy.error().is(errc::token_unavailable)) << busy.error().detail;
    EXPECT_EQ(busy.error().retry_after, duration(7s));
}

TEST(token_exchange_answer, that_repeats_the_id_token_or_a_part_of_it_does_not_get_it_into_an_error) {
    const std::string signature = id_token.substr(id_token.rfind('.') + 1);
    const std::string claims = "eyJzdWIiOiJyZXBvOm9yZyJ9";
    for (const auto& said :
         {id_token, text::form_encoded(id_token), signature, text::form_encoded(signature), claims}) {
        for (const int status : {400, 401, 500}) {
            const auto r = read_token_exchange_answer(
                endpoint, status, R"({"error":"invalid_grant","error_description":"bad )" + said + R"( here"})", {},
                id_token);
            ASSERT_FALSE(r);
            EXPECT_NE(r.error().detail.find("bad ***"), std::string::npos) << r.error().detail;
            for (const auto* secret : {"c2lnbmF0dXJl", "eyJzdWIi", "eyJhbGci"})
                EXPECT_EQ(r.error().detail.find(secret), std::string::npos) << r.error().detail;
        }
    }
}

TEST(token_exchange_answer, keeps_words_that_are_short_parts_of_the_id_token) {
    const auto r = read_token_exchange_answer(
        endpoint, 400, R"({"error":"invalid_grant","error_description":"bad subject"})", {}, "a.bad.subject");
    ASSERT_FALSE(r);
    EXPECT_NE(r.error().detail.find("bad subject"), std::string::npos) << r.error().detail;
}

}  // namespace
}  // namespace dbxapps::oauth
