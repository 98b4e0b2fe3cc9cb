// ID tokens in a variable or a file, read for each exchange.
#include <config/config_error.hpp>
#include <dbxapps/federation.hpp>
#include <support/fetching.hpp>
#include <support/temporary_directory.hpp>

#include <cstdlib>
#include <filesystem>

namespace dbxapps::test {
namespace {

using config::config_error;

const std::string host = "https://w.cloud.databricks.com";

federation_options options() {
    federation_options out;
    out.host = "w.cloud.databricks.com";
    return out;
}

struct env_oidc_test : fetching {
    static constexpr const char* name = "DBXAPPS_TEST_ID_TOKEN";
    env_oidc_test() {
        ::unsetenv(name);
        ::unsetenv("DATABRICKS_OIDC_TOKEN");
    }
    ~env_oidc_test() override {
        ::unsetenv(name);
        ::unsetenv("DATABRICKS_OIDC_TOKEN");
    }
};

TEST_F(env_oidc_test, ReadsTheVariableForEachExchange) {
    const auto from = env_oidc(options(), name);
    EXPECT_EQ(from->host(), host);
    ::setenv(name, " first\n", 1);
    answer_for(host, "one");
    auto r = fetch(*from);
    ASSERT_TRUE(r) << r.error().detail;
    EXPECT_EQ(r->access_token(), "one");
    EXPECT_EQ(sent("subject_token"), "first");
    ::setenv(name, "second", 1);
    give("two");
    ASSERT_TRUE(fetch(*from));
    EXPECT_EQ(sent("subject_token"), "second");
}

TEST_F(env_oidc_test, IsThatOfDatabricksByDefault) {
    ::setenv("DATABRICKS_OIDC_TOKEN", "usual", 1);
    const auto from = env_oidc(options());
    answer_for(host, "one");
    ASSERT_TRUE(fetch(*from));
    EXPECT_EQ(sent("subject_token"), "usual");
}

TEST_F(env_oidc_test, SaysWhichVariableHoldsNothingBeforeAnythingIsAsked) {
    const auto from = env_oidc(options(), name);
    auto r = fetch(*from);
    expect_failure(r, errc::bad_config, {"the environment variable DBXAPPS_TEST_ID_TOKEN", "it is not set"});
    EXPECT_EQ(r.error().cause, config_error::no_credentials);
    for (const auto* value : {"", " \t", "\n"}) {
        ::setenv(name, value, 1);
        expect_failure(fetch(*from), errc::bad_config, {"variable DBXAPPS_TEST_ID_TOKEN", "it is empty"});
    }
    EXPECT_TRUE(wire.asked.empty());
}

TEST_F(env_oidc_test, DoesNotQuoteWhatIsNoIdToken) {
    ::setenv(name, "sec ret", 1);
    const auto from = env_oidc(options(), name);
    const auto r = fetch(*from);
    expect_failure(r, errc::bad_config, {"variable DBXAPPS_TEST_ID_TOKEN", "no token has"});
    expect_without(r.error(), {"sec ret", "sec "});
    EXPECT_TRUE(wire.asked.empty());
}

TEST_F(env_oidc_test, NeedsANameThatAVariableCanHave) {
    for (const auto& bad : {std::string(), std::string("A=B"), std::string("A\0B", 3)})
        expect_words(refusal_of([&] { env_oidc(options(), bad); }), {"the name of the environment variable"});
}

struct file_oidc_test : fetching {
    temporary_directory directory;
    const std::string path = directory.path() + "/id_token";
};

TEST_F(file_oidc_test, ReadsTheFileForEachExchange) {
    const auto from = file_oidc(options(), path);
    EXPECT_EQ(from->host(), host);
    make_file(path, "first\n");
    answer_for(host, "one");
    auto r = fetch(*from);
    ASSERT_TRUE(r) << r.error().detail;
    EXPECT_EQ(sent("subject_token"), "first");
    make_file(path, "\r\n second\r\n");
    give("two");
    ASSERT_TRUE(fetch(*from));
    EXPECT_EQ(sent("subject_token"), "second");
}

TEST_F(file_oidc_test, SaysWhichFileHoldsNothingBeforeAnythingIsAsked) {
    const auto from = file_oidc(options(), path);
    auto r = fetch(*from);
    expect_failure(r, errc::bad_config, {"the file " + path, "there is no such file"});
    EXPECT_EQ(r.error().cause, config_error::no_credentials);
    for (const auto* text : {"", "\n", " \r\n"}) {
        make_file(path, text);
        expect_failure(fetch(*from), errc::bad_config, {"the file " + path, "it is empty"});
    }
    std::filesystem::remove(path);
    std::filesystem::create_directory(path);
    r = fetch(*from);
    expect_failure(r, errc::bad_config, {"reading an ID token: " + path});
    EXPECT_EQ(r.error().cause, config_error::parse);
    EXPECT_TRUE(wire.asked.empty());
}

TEST_F(file_oidc_test, DoesNotQuoteWhatIsNoIdToken) {
    const auto from = file_oidc(options(), path);
    for (const std::string& text : {std::string("secret\nsecret\n"), std::string((1u << 20) + 1, 's')}) {
        make_file(path, text);
        const auto r = fetch(*from);
        expect_failure(r, errc::bad_config, {path});
        expect_without(r.error(), {"secret", "ssss"});
        EXPECT_LT(r.error().detail.size(), 400u);
    }
    EXPECT_TRUE(wire.asked.empty());
}

TEST_F(file_oidc_test, TakesAFileOfAMebibyte) {
    make_file(path, std::string(1u << 20, 's'));
    const auto from = file_oidc(options(), path);
    answer_for(host, "one");
    ASSERT_TRUE(fetch(*from));
    EXPECT_EQ(sent("subject_token").size(), 1u << 20);
}

TEST_F(file_oidc_test, NeedsAPath) {
    expect_words(refusal_of([&] { file_oidc(options(), ""); }), {"file-oidc needs the path"});
}

}  // namespace
}  // namespace dbxapps::test
