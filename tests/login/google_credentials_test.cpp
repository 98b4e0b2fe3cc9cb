// A service account that signs for itself, over a transport that plays Google: what is signed, and what comes of it.
#include <config/config_error.hpp>
#include <login/google_ways.hpp>
#include <support/answering_transport.hpp>
#include <support/rsa_key.hpp>
#include <support/temporary_directory.hpp>

#include <boost/json.hpp>

namespace dbxapps::test {
namespace {

using config::config_error;

constexpr std::int64_t start = 1893456000;
const std::string host = "https://1234567890.1.gcp.databricks.com";
const std::string token_uri = "https://oauth2.example/token";

std::string key_json(const std::string& pem = made_key::rsa().pem()) {
    return boost::json::serialize(boost::json::object{{"type", "service_account"},
                                                      {"client_email", "sa@p.iam.example"},
                                                      {"private_key_id", "kid-1"},
                                                      {"private_key", pem},
                                                      {"token_uri", token_uri}});
}
std::optional<std::string> no_variable(const std::string&) { return std::nullopt; }
std::unique_ptr<token_source> source_with(std::string key, const config::environment& env = no_variable) {
    return login::google_credentials(host, std::move(key), env,
                                     [] { return std::chrono::system_clock::time_point(std::chrono::seconds(start)); });
}
std::string id_token(std::int64_t exp) {
    return "e30." + text::base64url(R"({"exp":)" + std::to_string(exp) + "}") + ".sig";
}
boost::json::object claims_of(const std::string& jwt) {
    const auto first = jwt.find('.'), last = jwt.rfind('.');
    return boost::json::parse(text::from_base64url(jwt.substr(first + 1, last - first - 1)).value()).as_object();
}

struct google_key_test : testing::Test {
    std::string id_answer = scripted_transport::json(200, R"({"id_token":")" + id_token(start + 3000) + R"("})");
    std::string access_answer =
        scripted_transport::json(200, R"({"access_token":"ya29.x","expires_in":3599,"token_type":"Bearer"})");
    answering_transport wire{[this](const transport_request& r) {
        const auto claims = claims_of(form_field(r.body, "assertion"));
        return claims.contains("target_audience") ? id_answer : access_answer;
    }};
};

TEST_F(google_key_test, AnIdTokenForTheHostAndAnAccessTokenBesides) {
    const auto source = source_with(key_json());
    EXPECT_EQ(source->host(), host);
    const auto t = fetch_from(*source, wire);
    ASSERT_TRUE(t) << t.error().detail;
    EXPECT_EQ(t->authorization(), "Bearer " + id_token(start + 3000));
    EXPECT_EQ(t->life(), 3000s);
    EXPECT_EQ(t->unfit_for_apps(), "a Google ID token");
    EXPECT_EQ(fields_of(*t), (std::map<std::string, std::string>{{"X-Databricks-GCP-SA-Access-Token", "ya29.x"}}));
    EXPECT_EQ(wire.asked(), (std::vector<std::string>{"POST " + token_uri, "POST " + token_uri}));
    const std::string first = form_field(wire.requests[0].body, "assertion");
    const std::string second = form_field(wire.requests[1].body, "assertion");
    EXPECT_TRUE(made_key::rsa().signed_this(first));
    EXPECT_TRUE(made_key::rsa().signed_this(second));
    EXPECT_EQ(claims_of(first).at("target_audience").as_string(), host);
    EXPECT_EQ(claims_of(first).at("iat").as_int64(), start);
    EXPECT_EQ(claims_of(second).at("scope").as_string(),
              "https://www.googleapis.com/auth/cloud-platform https://www.googleapis.com/auth/compute");
    for (const auto& r : wire.requests)
        EXPECT_FALSE(r.to_instance_metadata);
}

TEST_F(google_key_test, TheAccessTokenIsBestEffort) {
    const auto usual = source_with(key_json());
    ASSERT_TRUE(fetch_from(*usual, wire));
    ASSERT_EQ(wire.deadlines.size(), 2u);
    EXPECT_LE(wire.deadlines[1], clock::now() + 5s) << "it does not hold up the ID token";
    EXPECT_GT(wire.deadlines[0], clock::now() + 5s);
    for (const std::string& answer :
         {scripted_transport::json(403, ""), scripted_transport::json(200, "{}"), std::string()}) {
        access_answer = answer;
        const auto source = source_with(key_json());
        const auto t = fetch_from(*source, wire);
        ASSERT_TRUE(t) << t.error().detail;
        EXPECT_EQ(t->workspace_fields(), "");
    }
}

// Ends what it is asked as a transport does whose cache was closed.
class closing_transport final : public transport {
public:
    awaitable<result<response>> exchange(transport_request, time_point) override {
        if (++asked == 1) {
            co_return support::answer(
                scripted_transport::json(200, R"({"id_token":")" + id_token(start + 3000) + R"("})"));
        }
        co_return failure(errc::closed, "closed");
    }
    int asked = 0;
};

TEST_F(google_key_test, AClosedCacheEndsTheFetchAtItsLastRequestToo) {
    closing_transport closing;
    const auto source = source_with(key_json());
    const auto t = fetch_from(*source, closing);
    ASSERT_FALSE(t);
    EXPECT_TRUE(t.error().is(errc::closed));
    EXPECT_EQ(closing.asked, 2);
}

TEST_F(google_key_test, AKeyThatGoogleRefusesIsRefusedWithoutShowingTheAssertion) {
    std::string sent;
    answering_transport echo([&](const transport_request& r) {
        sent = form_field(r.body, "assertion");
        return scripted_transport::json(400, R"({"error":"invalid_grant","error_description":")" +
                                                 sent.substr(sent.rfind('.') + 1) + " of " + sent + R"("})");
    });
    const auto source = source_with(key_json());
    const auto t = fetch_from(*source, echo);
    ASSERT_FALSE(t);
    EXPECT_TRUE(t.error().is(errc::token_refused));
    EXPECT_NE(t.error().detail.find("invalid_grant: *** of ***"), std::string::npos) << t.error().detail;
    EXPECT_EQ(t.error().detail.find(sent.substr(sent.rfind('.') + 1, 20)), std::string::npos) << t.error().detail;
    EXPECT_EQ(echo.requests.size(), 1u) << "without an ID token nothing else is of use";
}

TEST_F(google_key_test, AKeyMayBeInAFile) {
    const temporary_directory home;
    make_file(home.path() + "/key.json", key_json());
    for (const std::string& path : {home.path() + "/key.json", std::string("~/key.json")}) {
        const auto source = source_with(
            path, [&](const std::string& name) { return name == "HOME" ? std::optional(home.path()) : std::nullopt; });
        EXPECT_TRUE(fetch_from(*source, wire)) << path;
    }
}

failure why_not(const std::string& key, const std::string& where = host) {
    try {
        login::google_credentials(where, key, no_variable, std::chrono::system_clock::now);
    } catch (const error& e) {
        return e.why();
    }
    ADD_FAILURE() << "accepted";
    return {};
}

TEST(GoogleCredentials, WhatCannotBeUsedIsToldAtOnceAndNeverShown) {
    const temporary_directory home;
    make_file(home.path() + "/empty.json", "");
    make_file(home.path() + "/large.json", std::string(70000, ' '));
    const std::tuple<std::string, config_error, std::string> rows[] = {
        {"", config_error::no_credentials, "GOOGLE_CREDENTIALS"},
        {" \n", config_error::no_credentials, "GOOGLE_CREDENTIALS"},
        {R"({"private_key":"hush"})", config_error::bad_value, "no 'client_email'"},
        {R"({"private_key":"hush","client_email":"a"})", config_error::bad_value, "private_key"},
        {key_json(made_key::elliptic().pem()), config_error::bad_value, "private RSA key"},
        {"{hush", config_error::parse, "not a JSON object"},
        {text::base64("hush" + key_json()), config_error::parse, "neither JSON nor the path"},
        {"-----BEGIN PRIVATE KEY-----\nhush\n", config_error::parse, "neither JSON nor the path"},
        {home.path() + "/none.json", config_error::no_credentials, "/none.json, which does not exist"},
        {home.path() + "/empty.json", config_error::parse, "/empty.json is not a JSON object"},
        {home.path() + "/large.json", config_error::parse, "larger than 64 KiB"},
        {home.path(), config_error::parse, home.path()},
        {"~/key.json", config_error::bad_value, "HOME"},
    };
    for (const auto& [key, cause, words] : rows) {
        const failure why = why_not(key);
        EXPECT_TRUE(why.is(errc::bad_config)) << words;
        EXPECT_EQ(why.cause, cause) << why.detail;
        EXPECT_NE(why.detail.find(words), std::string::npos) << why.detail;
        EXPECT_EQ(why.detail.find("hush"), std::string::npos) << why.detail;
        EXPECT_EQ(why.detail.find(text::base64("hush").substr(0, 5)), std::string::npos) << why.detail;
    }
    EXPECT_EQ(why_not(key_json(), "").cause, config_error::no_host);
    EXPECT_EQ(why_not(key_json(), "http://w.gcp.databricks.com").cause, config_error::bad_value);
}

TEST(GoogleCredentials, TheClockIsTheMachines) {
    answering_transport wire([](const transport_request&) { return std::string(); });
    const auto before = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    const auto source = google_credentials(host, key_json());
    EXPECT_FALSE(fetch_from(*source, wire));
    EXPECT_GE(claims_of(form_field(wire.requests.at(0).body, "assertion")).at("iat").as_int64(), before);
}

}  // namespace
}  // namespace dbxapps::test
