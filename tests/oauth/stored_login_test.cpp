#include <oauth/stored_login.hpp>

#include <gtest/gtest.h>

#include <set>

namespace dbxapps::oauth {
namespace {

const login_key key = {"https://ws.example", "databricks-cli", "offline_access all-apis", "DEV"};

stored_login login() {
    stored_login out;
    out.access_token = "acc3ss";
    out.refresh_token = "refr3sh";
    out.expires_at = 1893456000;
    return out;
}

TEST(stored_login, is_read_as_it_was_written) {
    for (const bool in_doubt : {true, false}) {
        stored_login before = login();
        if (in_doubt) before.in_doubt_since = 1893450000;
        const auto after = read_login(write_login(key, before), key);
        ASSERT_TRUE(after) << after.error().detail;
        EXPECT_EQ(after->access_token, before.access_token);
        EXPECT_EQ(after->refresh_token, before.refresh_token);
        EXPECT_EQ(after->expires_at, before.expires_at);
        EXPECT_EQ(after->in_doubt_since, before.in_doubt_since);
    }
    stored_login bare;
    bare.access_token = "a";
    const auto after = read_login(write_login(key, bare), key);
    ASSERT_TRUE(after);
    EXPECT_EQ(after->refresh_token, "");
    EXPECT_EQ(after->expires_at, std::nullopt);
}

TEST(stored_login, with_members_of_later_versions_is_read) {
    std::string text = write_login(key, login());
    text.insert(1, R"("more":[1,2],)");
    EXPECT_TRUE(read_login(text, key));
}

TEST(stored_login, of_another_key_is_not_taken) {
    const std::string text = write_login(key, login());
    for (std::string login_key::*part :
         {&login_key::host, &login_key::client_id, &login_key::scopes, &login_key::profile, &login_key::issuer}) {
        login_key other = key;
        other.*part += "x";
        const auto r = read_login(text, other);
        ASSERT_FALSE(r);
        EXPECT_EQ(r.error().detail, "belongs to another login");
    }
}

TEST(stored_login, damaged_in_any_way_says_how_and_shows_nothing) {
    const std::string good = write_login(key, login());
    const auto with = [&](std::string_view what, std::string_view instead) {
        std::string out = good;
        const auto at = out.find(what);
        EXPECT_NE(at, out.npos) << what;
        return out.replace(at, what.size(), instead);
    };
    const std::pair<std::string, std::string> rows[] = {
        {"", "is not JSON"},
        {good.substr(0, good.size() / 2), "is not JSON"},
        {good + "x", "is not JSON"},
        {"[]", "is not a JSON object"},
        {"{}", "has no version"},
        {with("\"version\":1", "\"version\":\"1\""), "has no version"},
        {with("\"version\":1", "\"version\":2"), "is of version 2, and only 1 is known here"},
        {with("1893456000", "\"soon\""), "has a member of the wrong type"},
        {with("1893456000", "-1"), "has a member of the wrong type"},
        {with("1893456000", "253402300800"), "has a member of the wrong type"},
        {with("1893456000", "9223372036854775807"), "has a member of the wrong type"},
        {with("\"refr3sh\"", "5"), "has a member of the wrong type"},
        {with("acc3ss", ""), "holds no token that could be sent"},
        {with("acc3ss", "acc3ss\\r\\nX: y"), "holds no token that could be sent"},
        {with("refr3sh", "refr3sh\\n"), "holds no token that could be sent"},
    };
    for (const auto& [text, words] : rows) {
        const auto r = read_login(text, key);
        ASSERT_FALSE(r) << text;
        EXPECT_TRUE(r.error().is(errc::bad_config));
        EXPECT_EQ(r.error().detail, words);
    }
}

TEST(stored_login, no_two_keys_have_the_same_text) {
    std::set<std::string> texts;
    for (const login_key& k : {login_key{"a", "b", "c", "d"},
                               {"a", "b", "cd", ""},
                               {"a\",\"b", "", "c", "d"},
                               {"a", "b,c", "", "d"},
                               {"", "", "", ""},
                               {"a", "b", "c", "d "}}) {
        EXPECT_TRUE(texts.insert(k.text()).second) << k.text();
    }
}

}  // namespace
}  // namespace dbxapps::oauth
