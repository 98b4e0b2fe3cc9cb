// Application default credentials that act as a service account: where they are looked for, and what is asked by them.
#include <config/config_error.hpp>
#include <login/google_ways.hpp>
#include <support/answering_transport.hpp>
#include <support/rsa_key.hpp>
#include <support/temporary_directory.hpp>

#include <boost/json.hpp>

#include <filesystem>

namespace dbxapps::test {
namespace {

using config::config_error;

constexpr std::int64_t start = 1893456000;
const std::string host = "https://1234567890.1.gcp.databricks.com";
const std::string iam = "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/sa%40p.iam.example:";
const std::string metadata =
    "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token";
const std::string user_login =
    R"({"type":"authorized_user","client_id":"c","client_secret":"cl1ent","refresh_token":"1//r3fresh","quota_project_id":"q-1"})";

std::string id_token(std::int64_t exp) {
    return "e30." + text::base64url(R"({"exp":)" + std::to_string(exp) + "}") + ".sig";
}

struct google_id_test : testing::Test {
    temporary_directory home;
    std::map<std::string, std::string> variables = {{"HOME", home.path()}};
    std::map<std::string, std::string> answers = {
        {metadata, scripted_transport::json(200, R"({"access_token":"of-machine","expires_in":300})")},
        {"https://oauth2.googleapis.com/token", scripted_transport::json(200, R"({"access_token":"of-user"})")},
        {"https://own.example/token", scripted_transport::json(200, R"({"access_token":"of-account"})")},
        {iam + "generateIdToken", scripted_transport::json(200, R"({"token":")" + id_token(start + 3600) + R"("})")},
        {iam + "generateAccessToken",
         scripted_transport::json(200, R"({"accessToken":"ya29.sa","expireTime":"2030-01-01T01:00:00Z"})")}};
    answering_transport wire{[this](const transport_request& r) { return answers[r.url]; }};

    std::unique_ptr<token_source> source() {
        const config::environment env = [this](const std::string& name) {
            const auto found = variables.find(name);
            return found == variables.end() ? std::nullopt : std::optional(found->second);
        };
        return login::google_id(host, "sa@p.iam.example", env,
                                [] { return std::chrono::system_clock::time_point(std::chrono::seconds(start)); });
    }
    result<token> fetch() {
        const auto by = source();
        return fetch_from(*by, wire);
    }
    void log_in(const std::string& text = user_login) {
        const std::string directory = home.path() + "/.config/gcloud";
        std::filesystem::create_directories(directory);
        make_file(directory + "/application_default_credentials.json", text);
    }
    std::string field(std::size_t request, std::string_view name) {
        for (const auto& [key, value] : wire.requests.at(request).headers) {
            if (key == name) return value;
        }
        return {};
    }
};

TEST_F(google_id_test, AMachineActsAsTheServiceAccount) {
    const auto t = fetch();
    ASSERT_TRUE(t) << t.error().detail;
    EXPECT_EQ(t->authorization(), "Bearer " + id_token(start + 3600));
    EXPECT_EQ(t->life(), 3600s);
    EXPECT_EQ(t->unfit_for_apps(), "a Google ID token");
    EXPECT_EQ(fields_of(*t), (std::map<std::string, std::string>{{"X-Databricks-GCP-SA-Access-Token", "ya29.sa"}}));
    EXPECT_EQ(wire.asked(), (std::vector<std::string>{"GET " + metadata, "POST " + iam + "generateIdToken",
                                                      "POST " + iam + "generateAccessToken"}));
    EXPECT_TRUE(wire.requests[0].to_instance_metadata);
    EXPECT_EQ(field(0, "Metadata-Flavor"), "Google");
    EXPECT_FALSE(wire.requests[1].to_instance_metadata);
    EXPECT_EQ(field(1, "Authorization"), "Bearer of-machine");
    EXPECT_EQ(field(1, "X-Goog-User-Project"), "");
    EXPECT_EQ(wire.requests[1].body, R"({"audience":")" + host + R"(","includeEmail":true})");
}

TEST_F(google_id_test, TheMetadataServiceHasTenSeconds) {
    const auto by = source();
    const time_point before = clock::now();
    ASSERT_TRUE(fetch_from(*by, wire, 100s));
    EXPECT_GE(wire.deadlines[0], before + 10s);
    EXPECT_LE(wire.deadlines[0], clock::now() + 10s);
    EXPECT_GT(wire.deadlines[1], before + 90s);
    EXPECT_LE(wire.deadlines[2], clock::now() + 5s) << "what is best effort does not hold up the ID token";
}

TEST_F(google_id_test, AUserWhoIsLoggedInActsAsTheServiceAccount) {
    log_in();
    ASSERT_TRUE(fetch());
    EXPECT_EQ(wire.asked().front(), "POST https://oauth2.googleapis.com/token");
    EXPECT_EQ(form_field(wire.requests[0].body, "refresh_token"), "1//r3fresh");
    EXPECT_EQ(field(1, "Authorization"), "Bearer of-user");
    EXPECT_EQ(field(1, "X-Goog-User-Project"), "q-1");
    EXPECT_EQ(field(2, "X-Goog-User-Project"), "q-1");
}

TEST_F(google_id_test, AFileThatIsNamedComesFirst) {
    log_in();
    const std::string path = home.path() + "/named.json";
    make_file(path, boost::json::serialize(boost::json::object{{"type", "service_account"},
                                                               {"client_email", "other@p.iam.example"},
                                                               {"private_key", made_key::rsa().pem()},
                                                               {"token_uri", "https://own.example/token"}}));
    variables["GOOGLE_APPLICATION_CREDENTIALS"] = path;
    const auto t = fetch();
    ASSERT_TRUE(t) << t.error().detail;
    EXPECT_EQ(wire.asked().front(), "POST https://own.example/token");
    EXPECT_TRUE(made_key::rsa().signed_this(form_field(wire.requests[0].body, "assertion")));
    EXPECT_EQ(field(1, "Authorization"), "Bearer of-account");
}

TEST_F(google_id_test, AFileThatIsNamedAndMissingIsNotPassedOver) {
    log_in();
    variables["GOOGLE_APPLICATION_CREDENTIALS"] = home.path() + "/none.json";
    const auto t = fetch();
    ASSERT_FALSE(t);
    EXPECT_EQ(t.error().cause, config_error::no_credentials);
    EXPECT_NE(t.error().detail.find("/none.json, which does not exist"), std::string::npos) << t.error().detail;
    EXPECT_TRUE(wire.requests.empty());
}

TEST_F(google_id_test, AFileThatCannotBeUsedIsNotPassedOver) {
    log_in(R"({"type":"external_account"})");
    const auto t = fetch();
    ASSERT_FALSE(t);
    EXPECT_EQ(t.error().cause, config_error::bad_value);
    EXPECT_TRUE(wire.requests.empty());
}

TEST_F(google_id_test, WhoLogsInMeanwhileIsSeenAtTheNextFetch) {
    const auto by = source();
    ASSERT_TRUE(fetch_from(*by, wire));
    log_in();
    ASSERT_TRUE(fetch_from(*by, wire));
    EXPECT_EQ(wire.asked()[3], "POST https://oauth2.googleapis.com/token");
}

TEST_F(google_id_test, WithoutAHomeTheMachineIsAsked) {
    log_in();
    variables.erase("HOME");
    ASSERT_TRUE(fetch());
    EXPECT_EQ(wire.asked().front(), "GET " + metadata);
}

TEST_F(google_id_test, WithNoCredentialsAtAllTheWaysToGetSomeAreTold) {
    answers[metadata].clear();
    const auto t = fetch();
    ASSERT_FALSE(t);
    EXPECT_TRUE(t.error().is(errc::connect_failed));
    EXPECT_NE(t.error().detail.find("gcloud auth application-default login"), std::string::npos) << t.error().detail;
}

class failing_transport final : public transport {
public:
    explicit failing_transport(errc what) : what_(what) {}
    awaitable<result<response>> exchange(transport_request, time_point) override { co_return failure(what_, "no"); }

private:
    errc what_;
};

// There is no such name but on Google Cloud: trying again for a minute would help nobody.
TEST_F(google_id_test, AMachineThatIsElsewhereIsABadConfiguration) {
    const auto by = source();
    failing_transport elsewhere(errc::resolve_failed);
    EXPECT_EQ(fetch_from(*by, elsewhere).error().cause, config_error::no_credentials);
    failing_transport slow(errc::timed_out);
    EXPECT_TRUE(fetch_from(*by, slow).error().is(errc::timed_out));
    failing_transport closing(errc::closed);
    EXPECT_EQ(fetch_from(*by, closing).error().detail, "no");
}

TEST_F(google_id_test, TheAccessTokenIsBestEffortTheIdTokenIsNot) {
    answers[iam + "generateAccessToken"] = scripted_transport::json(403, "");
    const auto t = fetch();
    ASSERT_TRUE(t) << t.error().detail;
    EXPECT_EQ(t->workspace_fields(), "");
    answers[iam + "generateIdToken"] = scripted_transport::json(403, R"({"error":{"message":"no, of-machine"}})");
    const auto refused = fetch();
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().is(errc::token_refused));
    EXPECT_NE(refused.error().detail.find("no, ***; the identity needs"), std::string::npos) << refused.error().detail;
}

TEST_F(google_id_test, ALoginThatHasEndedIsToBeRenewedAndNotShown) {
    log_in();
    answers["https://oauth2.googleapis.com/token"] = scripted_transport::json(
        400, R"({"error":"invalid_grant","error_description":"1//r3fresh or 1%2F%2Fr3fresh of cl1ent"})");
    const auto t = fetch();
    ASSERT_FALSE(t);
    EXPECT_TRUE(t.error().is(errc::login_required));
    EXPECT_NE(t.error().detail.find("*** or *** of ***"), std::string::npos) << t.error().detail;
}

TEST(GoogleId, WhatIsMissingIsNamed) {
    EXPECT_TRUE(google_id(host, "sa@p.iam.example"));
    EXPECT_THROW(google_id("", "sa@p.iam.example"), error);
    try {
        google_id(host, "");
        ADD_FAILURE();
    } catch (const error& e) {
        EXPECT_EQ(e.why().cause, config_error::no_credentials);
        EXPECT_NE(e.why().detail.find("DATABRICKS_GOOGLE_SERVICE_ACCOUNT"), std::string::npos);
    }
}

}  // namespace
}  // namespace dbxapps::test
