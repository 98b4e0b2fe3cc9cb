#include <oauth/back_fill.hpp>

#include <gtest/gtest.h>

namespace dbxapps::oauth {
namespace {

using config::attribute;
using config::origin;

config::settings with(std::initializer_list<std::pair<attribute, const char*>> all) {
    config::settings out;
    for (const auto& [a, value] : all)
        out.set(a, value);
    return out;
}

const host_metadata everything = {"https://x/oidc/accounts/{account_id}", "acc", "123", "GCP", "unified", {"aud"}};

TEST(back_fill, sets_what_nobody_has_set_and_says_where_it_came_from) {
    auto s = with({{attribute::host, "https://x"}});
    back_fill(s, everything);
    EXPECT_EQ(s.text(attribute::account_id), "acc");
    EXPECT_EQ(s.text(attribute::workspace_id), "123");
    EXPECT_EQ(s.text(attribute::cloud), "GCP");
    EXPECT_EQ(s.text(attribute::audience), "aud");
    EXPECT_EQ(s.text(attribute::discovery_url), "https://x/oidc/accounts/acc/.well-known/oauth-authorization-server");
    EXPECT_EQ(to_string(s.from(attribute::account_id)), "host metadata");
}

TEST(back_fill, replaces_nothing) {
    auto s = with({{attribute::host, "https://x"},
                   {attribute::account_id, "mine"},
                   {attribute::workspace_id, "7"},
                   {attribute::cloud, "AWS"},
                   {attribute::audience, "my-audience"},
                   {attribute::discovery_url, "https://y/d"}});
    back_fill(s, everything);
    EXPECT_EQ(s.text(attribute::account_id), "mine");
    EXPECT_EQ(s.text(attribute::workspace_id), "7");
    EXPECT_EQ(s.text(attribute::cloud), "AWS");
    EXPECT_EQ(s.text(attribute::audience), "my-audience");
    EXPECT_EQ(s.text(attribute::discovery_url), "https://y/d");
    EXPECT_EQ(s.from(attribute::cloud).what, origin::kind::argument);
}

TEST(back_fill, takes_the_cloud_from_the_name_and_the_audience_from_the_account) {
    auto s = with({{attribute::host, "https://adb-1.2.azuredatabricks.net"}});
    host_metadata m;
    m.account_id = "acc";
    back_fill(s, m);
    EXPECT_EQ(s.text(attribute::cloud), "Azure");
    EXPECT_EQ(s.text(attribute::audience), "acc");
    EXPECT_FALSE(s.has(attribute::discovery_url));
    auto of_workspace = with({{attribute::host, "https://x"}});
    m.workspace_id = "5";
    back_fill(of_workspace, m);
    EXPECT_FALSE(of_workspace.has(attribute::audience)) << "the account's is for whole accounts";
}

}  // namespace
}  // namespace dbxapps::oauth
