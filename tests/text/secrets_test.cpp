#include <text/secrets.hpp>

#include <gtest/gtest.h>

namespace dbxapps::text {
namespace {

TEST(Secrets, AreHiddenByTheirLooks) {
    const std::string jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJtZSJ9.c2lnbmF0-dXJl_";
    EXPECT_EQ(without_secrets(jwt), "***");
    EXPECT_EQ(without_secrets("got '" + jwt + "', which"), "got '***', which");
    EXPECT_EQ(without_secrets("cut eyJhbGciOiJSUzI1"), "cut ***");
    EXPECT_EQ(without_secrets("dapi0123456789abcdef-2 and dose0123456789abcdef"), "*** and ***");
    EXPECT_EQ(without_secrets("0.AXkA" + std::string(60, 'x') + "7/end"), "***");
}

TEST(Secrets, AreHiddenByTheirNames) {
    for (const auto& [words, hidden] : std::initializer_list<std::pair<const char*, const char*>>{
             {"access_token=abc&x=1", "access_token=***&x=1"},
             {R"({"access_token": "abc", "expires_in": 1})", R"({"access_token": "***", "expires_in": 1})"},
             {R"({\"refresh_token\":\"abc\"})", R"({\"refresh_token\":\"***\"})"},
             {"refreshToken: abc next", "refreshToken: *** next"},
             {"client_secret = s p", "client_secret = *** p"},
             {"DATABRICKS_CLIENT_SECRET='s p'", "DATABRICKS_CLIENT_SECRET='***'"},
             {"DATABRICKS_TOKEN=abc;x", "DATABRICKS_TOKEN=***;x"},
             {"/?code=abcd&state=1", "/?code=***&state=1"},
             {R"("code": "12ab34cd")", R"("code": "***")"},
             {"secret: a1b2c3d4e5", "secret: ***"},
             {"password: hunter", "password: ***"},
             {"password=abc,def&g;h) next", "password=*** next"},
             {"passwd: a,b", "passwd: ***"},
             {"my_pwd=x", "my_pwd=***"},
             {"access_token%3Dabc123def", "access_token%3D***"},
             {"Authorization: Basic dXNlcjpwYXNz", "Authorization: Basic ***"},
             {"Bearer: abcdefgh12345678", "Bearer: ***"},
             {"Cookie: a=b; c=d\nnext", "Cookie: ***\nnext"},
             {"set-cookie: sid=1; Path=/", "set-cookie: ***"},
             {"> Cookie: a=\"b\"; c=d\nnext", "> Cookie: ***\nnext"},
             {R"(curl -H "Cookie: a='b'; c=d" https://x)", R"(curl -H "Cookie: ***" https://x)"},
             {R"({\"h\": \"Cookie: a=b\"})", R"({\"h\": \"Cookie: ***\"})"},
             {R"({"h": "GET /\nCookie: a=b", "x": 1})", R"({"h": "GET /\nCookie: ***", "x": 1})"},
             {R"({"h": "GET /\nCookie: a=\"b\"; c=d\r\nHost: x"})", R"({"h": "GET /\nCookie: ***\r\nHost: x"})"},
             {R"("\r\nAuthorization: Digest username=\"u\", response=\"r\"")", R"("\r\nAuthorization: ***")"},
             {R"({\"h\": \"Cookie: a='b'; c=\\\"d\\\"; e=f\", 1})", R"({\"h\": \"Cookie: ***\", 1})"},
             {R"(log 'x'Cookie: a='b'; c=d)", R"(log 'x'Cookie: ***)"},
             {R"("Cookie: a=\"b\"; c=d" next)", R"("Cookie: ***" next)"},
             {"AccountKey=abc+/==;Endpoint=x", "AccountKey=***;Endpoint=x"},
             {"proxy http://user:s3cretpw@proxy:3128/ failed", "proxy http://***@proxy:3128/ failed"},
             {"https://w.example/a@b", "https://w.example/a@b"},
             {R"({"password": "ab\"cd", "x": 1})", R"({"password": "***", "x": 1})"},
             {"password=\"it's\" next", "password=\"***\" next"},
             {"pwd='a\\", "pwd='***"},
             {"login%3Fa%3D1%26code%3Dabcd", "login%3Fa%3D1%26code%3D***"},
             {R"(line\ncode=abcd)", R"(line\ncode=***)"},
             {R"(dir\token=abc)", R"(dir\token=***)"},
             {R"(said:\nBearer abc12345.x)", R"(said:\nBearer ***)"},
             {"Authorization: Bearer abc12345.x", "Authorization: Bearer ***"},
             {"authorization: basic dXNlcjpwYXNzd29yZHM=", "authorization: basic ***"},
         }) {
        EXPECT_EQ(without_secrets(words), hidden);
    }
}

TEST(Secrets, KeysAreHiddenWhole) {
    const std::string line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
    const std::string other = "a/Qv+xW8/h3Zk0tT2rLq9sYb5cVn1mXo7pEuGd4iHj6fKwAyBzCeDgFhRiSlNkMo";
    EXPECT_EQ(without_secrets("key -----BEGIN PRIVATE KEY-----\n" + line + "\n-----END PRIVATE KEY----- end"),
              "key *** end");
    EXPECT_EQ(without_secrets("-----BEGIN PRIVATE KEY-----\n" + line), "***") << "cut off";
    EXPECT_EQ(without_secrets("of it: " + line + "\n" + other + "\nrest"), "of it: ***\n***\nrest");
    EXPECT_EQ(without_secrets(R"({"private_key": "abc def"})"), R"({"private_key": "***"})");
}

TEST(Secrets, KeysAreHiddenWholeInJsonToo) {
    const std::string key = R"(-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\nlastL1ne==\n-----END PRIVATE KEY-----)";
    EXPECT_EQ(without_secrets(R"({"private_key": ")" + key + R"(\n", "x": 1})"), R"({"private_key": "***", "x": 1})");
    EXPECT_EQ(without_secrets("private_key=" + key + " end"), "private_key=*** end");
    EXPECT_EQ(without_secrets(R"({\"private_key\":\")" + key + R"(\"})"), R"({\"private_key\":\"***\"})");
    EXPECT_EQ(without_secrets(R"("said: \n)" + key + R"( end")"), R"("said: \n*** end")");
    EXPECT_EQ(without_secrets(R"(a -----BEGIN X\nshort -----END then -----BEGIN X-----)" + std::string("\nsh0rt")),
              "a *** then ***");
}

TEST(Secrets, AreHiddenBehindEscapes) {
    EXPECT_EQ(without_secrets(R"(is\ndapi0123456789abcdef)"), R"(is\***)");
    EXPECT_EQ(without_secrets("is%20dapi0123456789abcdef"), "is%***");
    EXPECT_EQ(without_secrets("is%3DeyJhbGciOi.x"), "is%***");
}

TEST(Secrets, AUserOfAnUrlMayBeLong) {
    EXPECT_EQ(without_secrets("http://me:" + std::string(2000, 'x') + "@proxy"), "http://***@proxy");
}

// Each name looks at what follows it; all of them together at no more than some times all of it.
TEST(Secrets, MuchOfItTakesNoMoreThanItsShare) {
    for (const std::string one : {"token:!", "token: ", "bearer ", "://", "://a", "a/B9", "code='", "code=\"\\",
                                  "Cookie:\n", "-----END", "-----BEGIN -----END", "%20", "\\n"}) {
        std::string words;
        while (words.size() < (4u << 20))
            words += one;
        EXPECT_FALSE(without_secrets(words).empty());
    }
}

TEST(Secrets, OtherWordsStay) {
    for (const auto* words :
         {"", "Error: cache: databricks OAuth is not configured for this host.", "cannot refresh the token: timed out",
          "forced token refresh: Post https://w.cloud.databricks.com/oidc/v1/token: EOF", "exit code: 45",
          "invalid client secret: refused", "status code=401", R"({"error_code":"invalid_grant"})",
          "bearer token expired", "AADSTS50076: trace 6f2b9b55-7a42-4d5c-9a6b-0d6a6f1c3e11",
          "/very/long/path/of/somebody/with/9/parts/that/is/no/secret/token-cache.json", "databricks auth login",
          "the dose makes it, dapi", "key=value", "token_type: Bearer"}) {
        EXPECT_EQ(without_secrets(words), words);
    }
}

}  // namespace
}  // namespace dbxapps::text
