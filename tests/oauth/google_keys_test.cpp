#include <oauth/google_keys.hpp>

#include <config/config_error.hpp>

#include <gtest/gtest.h>

namespace dbxapps::oauth {
namespace {

using config::config_error;

constexpr std::string_view where = "the file /k.json";

TEST(google_keys, a_service_account_is_read) {
    const auto key = read_google_login(
        R"({"type":"service_account","project_id":"p","private_key_id":"kid-1","private_key":"-----BEGIN\n","client_email":"a@p.iam.example","token_uri":"https://t.example/token","x":1})",
        where);
    ASSERT_TRUE(key) << key.error().detail;
    const auto& account = std::get<google_service_account>(*key);
    EXPECT_EQ(account.email, "a@p.iam.example");
    EXPECT_EQ(account.private_key, "-----BEGIN\n");
    EXPECT_EQ(account.key_id, "kid-1");
    EXPECT_EQ(account.token_uri, "https://t.example/token");
}

TEST(google_keys, the_usual_token_endpoint_needs_no_word) {
    const auto key = read_service_account(R"({"private_key":"k","client_email":"a@b"})", where);
    ASSERT_TRUE(key) << key.error().detail;
    EXPECT_EQ(key->token_uri, "https://oauth2.googleapis.com/token");
    EXPECT_EQ(key->key_id, "");
}

TEST(google_keys, a_users_login_is_read) {
    const auto login = read_google_login(
        R"({"type":"authorized_user","client_id":"c","client_secret":"s","refresh_token":"r","quota_project_id":"q"})",
        where);
    ASSERT_TRUE(login) << login.error().detail;
    const auto& user = std::get<google_user>(*login);
    EXPECT_EQ(user.client_id, "c");
    EXPECT_EQ(user.client_secret, "s");
    EXPECT_EQ(user.refresh_token, "r");
    EXPECT_EQ(user.quota_project, "q");
}

TEST(google_keys, what_is_missing_is_named_and_no_secret_is_shown) {
    const std::tuple<const char*, config_error, const char*> rows[] = {
        {"", config_error::parse, "is not a JSON object"},
        {"hush", config_error::parse, "is not a JSON object"},
        {"[\"hush\"]", config_error::parse, "is not a JSON object"},
        {R"({"private_key":"hush")", config_error::parse, "is not a JSON object"},
        {R"({"private_key":"hush","client_email":"a"})", config_error::bad_value, "no 'type'"},
        {R"({"type":"external_account","private_key":"hush"})", config_error::bad_value, "'external_account'"},
        {R"({"type":"service_account","private_key":"hush"})", config_error::bad_value, "no 'client_email'"},
        {R"({"type":"service_account","client_email":"a"})", config_error::bad_value, "no 'private_key'"},
        {R"({"type":"service_account","client_email":"a","private_key":["hush"]})", config_error::bad_value,
         "no 'private_key'"},
        {R"({"type":"service_account","client_email":"a","private_key":"hush","token_uri":"http://t.example/?hush"})",
         config_error::bad_value, "'token_uri' that is not https"},
        {R"({"type":"service_account","client_email":"a","private_key":"hush","token_uri":"http://metadata.google.internal/"})",
         config_error::bad_value, "'token_uri' that is not https"},
        {R"({"type":"authorized_user","client_secret":"hush","refresh_token":"hush"})", config_error::bad_value,
         "no 'client_id'"},
        {R"({"type":"authorized_user","client_id":"c","refresh_token":"hush"})", config_error::bad_value,
         "no 'client_secret'"},
        {R"({"type":"authorized_user","client_id":"c","client_secret":"hush","refresh_token":""})",
         config_error::bad_value, "no 'refresh_token'"},
    };
    for (const auto& [text, cause, words] : rows) {
        const auto login = read_google_login(text, where);
        ASSERT_FALSE(login) << text;
        EXPECT_TRUE(login.error().is(errc::bad_config));
        EXPECT_EQ(login.error().cause, cause) << text;
        EXPECT_TRUE(login.error().detail.starts_with(where)) << login.error().detail;
        EXPECT_NE(login.error().detail.find(words), std::string::npos) << login.error().detail;
        EXPECT_EQ(login.error().detail.find("hush"), std::string::npos) << login.error().detail;
    }
}

TEST(google_keys, a_token_endpoint_of_this_machine_may_be_in_the_clear) {
    const auto key = read_service_account(
        R"({"private_key":"k","client_email":"a@b","token_uri":"http://127.0.0.1:8080/token"})", where);
    ASSERT_TRUE(key) << key.error().detail;
    EXPECT_EQ(key->token_uri, "http://127.0.0.1:8080/token");
}

TEST(google_keys, a_user_is_no_service_account) {
    const auto key = read_service_account(
        R"({"type":"authorized_user","client_id":"c","client_secret":"s","refresh_token":"r"})", where);
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().cause, config_error::bad_value);
    EXPECT_NE(key.error().detail.find("'authorized_user'; wanted is the key"), std::string::npos) << key.error().detail;
}

}  // namespace
}  // namespace dbxapps::oauth
