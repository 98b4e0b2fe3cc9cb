#include <config/resolve.hpp>

#include <config/derived.hpp>
#include <config/read_file.hpp>

#include <gtest/gtest.h>

#include <map>

namespace dbxapps::config {
namespace {

using a = attribute;

// A home with or without a file, an environment, and no programs.
struct world {
    std::map<std::string, std::string> env{};
    std::optional<std::string> file{};
    std::string home = "/h";
    std::vector<std::pair<a, std::string>> own{};

    surroundings around() const {
        surroundings out;
        out.home = home;
        out.variable = [env = env](const std::string& name) {
            const auto at = env.find(name);
            return at == env.end() ? std::string() : at->second;
        };
        out.file = [text = file](const std::string& path) -> result<std::optional<std::string>> {
            return path == "/h/.databrickscfg" || path == "/other" ? text : std::nullopt;
        };
        return out;
    }
    result<resolved> resolve() const {
        settings s;
        for (const auto& [which, value] : own)
            EXPECT_TRUE(s.set(which, value));
        return config::resolve(std::move(s), around());
    }
};

std::string why(const world& w) {
    const auto r = w.resolve();
    return r ? "resolved" + r->values.shown() : r.error().detail;
}
std::string_view kind(const world& w) {
    const auto r = w.resolve();
    return r ? "none" : to_string(static_cast<config_error>(r.error().cause.value()));
}

TEST(resolve, takes_the_programs_own_settings_first_then_the_environment_then_the_profile) {
    const world w{.env = {{"DATABRICKS_CONFIG_PROFILE", "p"}, {"DATABRICKS_TOKEN", "of env"}, {"DATABRICKS_HOST", ""}},
                  .file = "[p]\nhost = https://x\ntoken = of file\ncluster_id = c\naccount_id = of file\n",
                  .own = {{a::account_id, "own"}}};
    const auto r = w.resolve();
    ASSERT_TRUE(r) << r.error().detail;
    EXPECT_EQ(r->values.text(a::account_id), "own");
    EXPECT_EQ(r->values.text(a::token), "of env");
    EXPECT_EQ(r->values.text(a::host), "https://x");
    EXPECT_EQ(to_string(r->values.from(a::account_id)), "argument");
    EXPECT_EQ(to_string(r->values.from(a::token)), "DATABRICKS_TOKEN environment variable");
    EXPECT_EQ(to_string(r->values.from(a::cluster_id)), "/h/.databrickscfg config file, profile p");
    EXPECT_EQ(to_string(r->values.from(a::profile)), "DATABRICKS_CONFIG_PROFILE environment variable");
}

TEST(resolve, knows_both_names_of_a_setting_and_prefers_the_first) {
    EXPECT_EQ(world({.env = {{"DATABRICKS_OIDC_TOKEN_FILE", "/b"}}}).resolve()->values.text(a::oidc_token_filepath),
              "/b");
    EXPECT_EQ(world({.env = {{"DATABRICKS_OIDC_TOKEN_FILE", "/b"}, {"DATABRICKS_OIDC_TOKEN_FILEPATH", "/a"}}})
                  .resolve()
                  ->values.text(a::oidc_token_filepath),
              "/a");
    for (const auto key : {"audience", "token_audience"}) {
        const world w{.file = "[DEFAULT]\n" + std::string(key) + " = me\n"};
        EXPECT_EQ(w.resolve()->values.text(a::audience), "me");
    }
}

TEST(resolve, names_the_variable_or_the_key_whose_value_is_not_of_its_type) {
    EXPECT_EQ(why({.env = {{"ARM_USE_MSI", "maybe"}, {"DATABRICKS_HOST", "x"}}}),
              "resolve: ARM_USE_MSI: 'maybe' is not true or false. Config: host=x. Env: DATABRICKS_HOST");
    EXPECT_EQ(why({.file = "[DEFAULT]\nrate_limit = many\n"}),
              "resolve: /h/.databrickscfg DEFAULT profile: rate_limit: 'many' is not a whole number");
    EXPECT_EQ(kind({.env = {{"DATABRICKS_RATE_LIMIT", "1e3"}}}), "bad_value");
    EXPECT_EQ(why({.env = {{"ARM_USE_MSI", "maybe"}}, .own = {{a::azure_use_msi, "1"}}}),
              "resolved. Config: azure_use_msi=true. Env: ARM_USE_MSI");
}

TEST(resolve, does_not_look_at_a_file_that_nobody_means) {
    for (const auto name : {"DATABRICKS_TOKEN", "DATABRICKS_HOST", "DATABRICKS_CLIENT_ID", "ARM_CLIENT_ID"}) {
        const world w{.env = {{name, "x"}}, .file = "neither section nor key"};
        EXPECT_TRUE(w.resolve()) << name;
    }
    for (const auto name : {"DATABRICKS_ACCOUNT_ID", "DATABRICKS_AUTH_TYPE", "DATABRICKS_CONFIG_PROFILE"}) {
        const world w{.env = {{name, "x"}}, .file = "neither section nor key"};
        EXPECT_EQ(kind(w), "parse") << name;
    }
}

TEST(resolve, says_where_and_why_a_file_cannot_be_read) {
    EXPECT_EQ(why({.file = "[a]\ns3cret\n"}),
              "resolve: cannot parse config file: /h/.databrickscfg: line 2: expected "
              "[section] or key = value");
    world unreadable;
    auto around = unreadable.around();
    around.file = [](const std::string& path) { return read_text_file(path, 100); };
    around.home = "/dev";  // no such file
    EXPECT_TRUE(resolve({}, around));
    settings s;
    s.set(a::config_file, "/dev");
    const auto r = resolve(s, around);
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error().detail, "resolve: cannot parse config file: /dev: Is a directory. Config: config_file=/dev");
    EXPECT_EQ(r.error().cause, config_error::parse);
}

TEST(resolve, passes_over_a_file_that_is_not_there_and_remembers_it_for_the_words) {
    const world asked{.env = {{"DATABRICKS_CONFIG_PROFILE", "p"}}};
    EXPECT_EQ(asked.resolve()->absent_file, "/h/.databrickscfg");
    EXPECT_EQ(world({.own = {{a::config_file, "~/x"}}}).resolve()->absent_file, "/h/x");
    EXPECT_EQ(world({}).resolve()->absent_file, "");
    EXPECT_EQ(world({.home = "", .own = {{a::profile, "p"}}}).resolve()->absent_file, "~/.databrickscfg");
    EXPECT_EQ(why({.home = "", .own = {{a::config_file, "~/x"}}}),
              "resolve: ~/x: HOME is not set. Config: config_file=~/x");
}

TEST(resolve, reads_the_profile_that_it_was_told_and_remembers_which) {
    const std::string text = "[DEFAULT]\nhost=d\n[p]\nhost=p\nprofile=q\nconfig_file=/x\nworkspace_id=none\n";
    EXPECT_EQ(world({.file = text}).resolve()->values.text(a::profile), "DEFAULT");
    const auto r = world({.file = text, .own = {{a::profile, "p"}, {a::config_file, "/other"}}}).resolve();
    EXPECT_EQ(r->values.text(a::host), "https://p");
    EXPECT_EQ(r->values.text(a::profile), "p");
    EXPECT_EQ(r->values.text(a::config_file), "/other");
    EXPECT_FALSE(r->values.has(a::workspace_id));
    EXPECT_EQ(why({.file = text, .own = {{a::profile, "q"}}}),
              "resolve: /h/.databrickscfg has no q profile configured. Config: profile=q");
    EXPECT_EQ(kind({.file = text, .own = {{a::profile, "__settings__"}}}), "reserved_profile");
}

TEST(resolve, refuses_two_methods_of_authentication_unless_one_is_named) {
    world w{.env = {{"DATABRICKS_USERNAME", "u"}, {"DATABRICKS_CONFIG_PROFILE", "p"}},
            .file = "[p]\nhost=x\ntoken=s3cret\n"};
    EXPECT_EQ(why(w),
              "validate: more than one authorization method configured: basic and pat. Config: host=x, token=***, "
              "username=u, profile=p. Env: DATABRICKS_USERNAME, DATABRICKS_CONFIG_PROFILE");
    EXPECT_EQ(kind(w), "conflict");
    w.env["DATABRICKS_AUTH_TYPE"] = "pat";
    EXPECT_TRUE(w.resolve());
}

TEST(resolve, makes_the_host_normal_and_takes_the_ids_in_its_query) {
    const auto r = world({.own = {{a::host, "x.example/?o=5&a=acc"}, {a::account_id, "kept"}}}).resolve();
    EXPECT_EQ(r->values.text(a::host), "https://x.example");
    EXPECT_EQ(r->values.text(a::workspace_id), "5");
    EXPECT_EQ(to_string(r->values.from(a::workspace_id)), "query of the host");
    EXPECT_EQ(r->values.text(a::account_id), "kept");
    EXPECT_EQ(kind({.own = {{a::host, "https://:443"}}}), "no_host");
    EXPECT_EQ(why({.own = {{a::host, "https://user:s3cret@x"}}}).find("s3cret"), std::string::npos);
}

// What is in the profile of a, with the host b from elsewhere.
std::string with_host_b(const std::string& profile, std::map<std::string, std::string> env = {},
                        std::vector<std::pair<a, std::string>> own = {}) {
    env.emplace("DATABRICKS_CONFIG_PROFILE", "p");
    if (own.empty()) env.emplace("DATABRICKS_HOST", "https://b.example/");
    return why({.env = env, .file = "[p]\nhost = https://a.example\n" + profile, .own = std::move(own)});
}

TEST(resolve, does_not_send_a_profiles_login_to_the_host_of_somebody_else) {
    EXPECT_EQ(with_host_b("token = s3cret\n"),
              "validate: the profile p of /h/.databrickscfg is for https://a.example, but the host is "
              "https://b.example (DATABRICKS_HOST environment variable): its login is not sent there; leave that host "
              "out, or name a profile for it. Config: host=https://b.example, token=***, profile=p. Env: "
              "DATABRICKS_HOST, DATABRICKS_CONFIG_PROFILE");
    for (const std::string profile : {"client_id = i\nclient_secret = s3cret\n", "username = u\npassword = s3cret\n",
                                      "auth_type = databricks-cli\n", "", "azure_use_msi = true\n"}) {
        EXPECT_NE(with_host_b(profile).find("its login is not sent there"), std::string::npos) << profile;
        EXPECT_NE(with_host_b(profile, {}, {{a::host, "b"}}).find("(argument): its login"), std::string::npos);
    }
    EXPECT_NE(with_host_b("client_id = i\n", {{"DATABRICKS_CLIENT_SECRET", "x"}}).find("not sent"), std::string::npos);
    EXPECT_NE(with_host_b("", {{"DATABRICKS_AUTH_TYPE", "databricks-cli"}}).find("not sent"), std::string::npos);
}

TEST(resolve, lets_a_host_from_elsewhere_stand_where_no_login_of_the_profile_meets_it) {
    EXPECT_EQ(with_host_b("cluster_id = c\n", {{"DATABRICKS_TOKEN", "x"}}).find("resolved"), 0U);
    EXPECT_EQ(with_host_b("", {{"DATABRICKS_AUTH_TYPE", "env-oidc"}}).find("resolved"), 0U);
    EXPECT_EQ(with_host_b("token = s3cret\n", {}, {{a::host, "HTTPS://A.example:443/x"}}).find("resolved"), 0U);
    const world no_host{.env = {{"DATABRICKS_CONFIG_PROFILE", "p"}, {"DATABRICKS_HOST", "b"}},
                        .file = "[p]\ntoken = x\n"};
    EXPECT_TRUE(no_host.resolve());
}

TEST(resolve, derives_scopes_clouds_and_types_of_host) {
    settings s;
    EXPECT_EQ(scopes_of(s), std::vector<std::string>{"all-apis"});
    EXPECT_EQ(login_scopes_of(s), (std::vector<std::string>{"all-apis", "offline_access"}));
    s.set(a::scopes, "b,a,b");
    s.set(a::disable_oauth_refresh_token, "1");
    EXPECT_EQ(login_scopes_of(s), (std::vector<std::string>{"a", "b"}));
    s.set(a::host, "https://accounts.gcp.databricks.com");
    EXPECT_EQ(cloud_of(s), cloud::gcp);
    EXPECT_EQ(to_string(host_type_of(s)), "account");
    s.set(a::cloud, "aZURE");
    EXPECT_EQ(cloud_of(s), cloud::azure);
    s.set(a::cloud, "elsewhere");
    EXPECT_EQ(cloud_of(s), cloud::gcp);
    s.set(a::azure_workspace_resource_id, "/a/b/c");
    EXPECT_EQ(cloud_of(s), cloud::azure);
}

}  // namespace
}  // namespace dbxapps::config
