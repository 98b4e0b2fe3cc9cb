// What people get wrong in their configuration, through real files: each error names the file, the line, the variable
// or the key, and shows no secret.
#include <config/profile_file.hpp>
#include <config/read_file.hpp>
#include <config/ways_in.hpp>
#include <support/another_user.hpp>
#include <support/temporary_directory.hpp>

#include <gtest/gtest.h>

#include <map>

namespace dbxapps::config {
namespace {

using namespace std::string_literals;
using a = attribute;
using variables = std::map<std::string, std::string>;

struct bad_config : testing::Test {
    test::temporary_directory home;
    const std::string file = home.path() + "/.databrickscfg";

    surroundings around(variables env) const {
        surroundings out;
        out.home = home.path();
        out.variable = [env = std::move(env)](const std::string& name) {
            const auto at = env.find(name);
            return at == env.end() ? std::string() : at->second;
        };
        out.file = [](const std::string& path) { return read_text_file(path, largest_profile_file); };
        out.no_program = [](const std::string&) { return config_error::cli_not_found; };
        return out;
    }
    // What becomes of the environment and the file: the way in, or what is wrong.
    std::string outcome(const variables& env = {}) const {
        const auto with = around(env);
        const auto settings = resolve({}, with);
        const auto way = settings ? choose_way_in(*settings, with) : result<const way_in*>(settings.error());
        if (way) return std::string((*way)->auth_type);
        EXPECT_TRUE(way.error().is(errc::bad_config)) << way.error().detail;
        EXPECT_EQ(way.error().detail.find("s3cret"), std::string::npos) << way.error().detail;
        return std::string(to_string(static_cast<config_error>(way.error().cause.value()))) + " | " +
               way.error().detail;
    }
    // With that text as the file.
    std::string outcome_of(const std::string& text, const variables& env = {}) const {
        test::make_file(file, text);
        return outcome(env);
    }
    std::string unparsable(const std::string& why) const {
        return "parse | resolve: cannot parse config file: " + file + ": " + why;
    }
};

TEST_F(bad_config, an_unreadable_file_is_named) {
    test::make_file(file, "[DEFAULT]\nhost = x\ntoken = s3cret\n", 0);
    const test::another_user somebody(home.path());
    ASSERT_TRUE(somebody.is_bound());
    EXPECT_EQ(outcome(), unparsable("Permission denied"));
}

TEST_F(bad_config, what_is_no_file_is_named) {
    std::filesystem::create_directory(file);
    EXPECT_EQ(outcome(), unparsable("Is a directory"));
    std::filesystem::remove(file);
    std::filesystem::create_symlink(".databrickscfg", file);
    EXPECT_EQ(outcome(), unparsable("Too many levels of symbolic links"));
    std::filesystem::remove(file);
    ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
    EXPECT_EQ(outcome(), unparsable("it is not a regular file"));
}

TEST_F(bad_config, a_file_elsewhere_is_named_as_it_was_asked_for) {
    EXPECT_EQ(outcome({{"DATABRICKS_CONFIG_FILE", home.path()}}),
              "parse | resolve: cannot parse config file: " + home.path() +
                  ": Is a directory. Config: config_file=" + home.path() + ". Env: DATABRICKS_CONFIG_FILE");
    const std::string missing = home.path() + "/none";
    const std::string said = outcome({{"DATABRICKS_CONFIG_FILE", missing}});
    EXPECT_NE(said.find(". There is no file " + missing + "\n"), std::string::npos) << said;
}

TEST_F(bad_config, a_file_that_is_no_ini_is_named_with_the_line) {
    EXPECT_EQ(outcome_of("[DEFAULT]\nhost = x\ntoken s3cret\n"),
              unparsable("line 3: expected [section] or key = value"));
    EXPECT_EQ(outcome_of("# mine\n\n[DEFAULT\ntoken = s3cret\n"),
              unparsable("line 3: expected [section], and the ']' is missing"));
    EXPECT_EQ(outcome_of("[DEFAULT]\ntoken = s3\0cret\n"s),
              unparsable("line 2: a NUL byte; is this a text file, in UTF-8?"));
}

TEST_F(bad_config, a_file_of_ten_mebibytes_is_named) {
    EXPECT_EQ(outcome_of("[DEFAULT]\ntoken = s3cret\n" + std::string(10 << 20, '#')),
              unparsable("it is larger than 1024 KiB"));
}

TEST_F(bad_config, a_profile_that_is_not_there_is_named_with_the_file) {
    EXPECT_EQ(outcome_of("[DEFAULT]\ntoken = s3cret\n", {{"DATABRICKS_CONFIG_PROFILE", "prod"}}),
              "profile_missing | resolve: " + file +
                  " has no prod profile configured. Config: profile=prod. Env: DATABRICKS_CONFIG_PROFILE");
    EXPECT_EQ(outcome_of("[__settings__]\ndefault_profile = gone\n"),
              "profile_missing | resolve: " + file + " has no gone profile configured");
}

TEST_F(bad_config, a_value_of_the_wrong_type_is_named_by_its_variable_or_its_key) {
    EXPECT_EQ(outcome({{"ARM_USE_MSI", "yes"}}), "bad_value | resolve: ARM_USE_MSI: 'yes' is not true or false");
    EXPECT_EQ(outcome_of("[p]\nskip_verify = yes\n", {{"DATABRICKS_CONFIG_PROFILE", "p"}}),
              "bad_value | resolve: " + file +
                  " p profile: skip_verify: 'yes' is not true or false. Config: profile=p. "
                  "Env: DATABRICKS_CONFIG_PROFILE");
}

TEST_F(bad_config, a_host_that_cannot_be_is_named_with_its_place) {
    EXPECT_EQ(outcome({{"DATABRICKS_HOST", "https://my host"}}),
              "bad_value | resolve: the workspace host cannot be used: the URL 'https://my host' contains a space, a "
              "backslash, or a character that has to be percent-encoded; wanted: https://<host>/<path>. host comes "
              "from: DATABRICKS_HOST environment variable. Config: host=https://my host. Env: DATABRICKS_HOST");
    EXPECT_EQ(outcome_of("[DEFAULT]\nhost = http://x.example\ntoken = s3cret\n"),
              "bad_value | resolve: the workspace host x.example has to be https: credentials are never sent in the "
              "clear. host comes from: " +
                  file +
                  " config file, profile DEFAULT. Config: host=http://x.example, "
                  "token=***, profile=DEFAULT");
    EXPECT_EQ(outcome({{"DATABRICKS_HOST", "https://me:s3cret@x.example"}}),
              "bad_value | resolve: the workspace host cannot be used: a URL with a user name or password in it is not "
              "sent; take the part before '@' out of it. host comes from: DATABRICKS_HOST environment variable. "
              "Config: host=***. Env: DATABRICKS_HOST");
    EXPECT_EQ(outcome({{"DATABRICKS_HOST", "https://"}}),
              "no_host | resolve: no host configured; set the workspace's URL (DATABRICKS_HOST). host comes from: "
              "DATABRICKS_HOST environment variable. Config: host=https://. Env: DATABRICKS_HOST");
}

TEST_F(bad_config, an_unknown_auth_type_is_named_with_its_place) {
    const std::string from_variable = outcome({{"DATABRICKS_HOST", "x.example"}, {"DATABRICKS_AUTH_TYPE", "magic"}});
    EXPECT_EQ(from_variable.find("unknown_auth_type | default auth: auth type \"magic\" not found"), 0U);
    EXPECT_NE(from_variable.find(". auth_type comes from: DATABRICKS_AUTH_TYPE environment variable. Config: "),
              std::string::npos)
        << from_variable;
    const std::string from_file = outcome_of("[DEFAULT]\nhost = x.example\nauth_type = PAT\ntoken = s3cret\n");
    EXPECT_EQ(from_file.find("unknown_auth_type | default auth: auth type \"PAT\" not found"), 0U) << from_file;
    EXPECT_NE(from_file.find(". auth_type comes from: " + file + " config file, profile DEFAULT. Config: "),
              std::string::npos)
        << from_file;
}

TEST_F(bad_config, methods_that_conflict_are_named_with_their_keys_and_variables) {
    EXPECT_EQ(outcome_of("[DEFAULT]\nhost = x.example\ntoken = s3cret\nclient_id = i\nclient_secret = s3cret\n"),
              "conflict | validate: more than one authorization method configured: oauth and pat. Config: "
              "host=x.example, token=***, profile=DEFAULT, client_id=i, client_secret=***");
    EXPECT_EQ(outcome({{"DATABRICKS_HOST", "x.example"}, {"DATABRICKS_TOKEN", "s3cret"}, {"ARM_CLIENT_ID", "i"}}),
              "conflict | validate: more than one authorization method configured: azure and pat. Config: "
              "host=x.example, token=***, azure_client_id=i. Env: DATABRICKS_HOST, DATABRICKS_TOKEN, ARM_CLIENT_ID");
}

TEST_F(bad_config, an_empty_value_counts_as_none_and_what_is_lacking_is_named) {
    const variables empty = {{"DATABRICKS_HOST", ""},
                             {"DATABRICKS_TOKEN", ""},
                             {"DATABRICKS_CONFIG_PROFILE", ""},
                             {"DATABRICKS_CONFIG_FILE", ""},
                             {"DATABRICKS_AUTH_TYPE", ""}};
    EXPECT_EQ(outcome_of("[DEFAULT]\nhost = x.example\ntoken = s3cret\n", empty), "pat");
    EXPECT_EQ(outcome_of("[DEFAULT]\nhost = x.example\nauth_type = pat\ntoken =\n", empty),
              "no_credentials | pat auth: needs token (DATABRICKS_TOKEN). Config: host=https://x.example, "
              "profile=DEFAULT");
    EXPECT_EQ(outcome_of("[DEFAULT]\nhost =\nauth_type = pat\ntoken = \"\"\n"),
              "no_credentials | pat auth: needs host (DATABRICKS_HOST), token (DATABRICKS_TOKEN). Config: "
              "profile=DEFAULT");
    EXPECT_EQ(outcome_of("[DEFAULT]\nhost = x.example\nclient_id = i\nclient_secret = ''\n")
                  .find("no_credentials | default auth: cannot configure default credentials"),
              0U);
    EXPECT_NE(outcome().find("\n  oauth-m2m: needs client_secret (DATABRICKS_CLIENT_SECRET)\n"), std::string::npos)
        << outcome();
}

}  // namespace
}  // namespace dbxapps::config
