#include <cli/json_text.hpp>
#include <cli/options.hpp>

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

namespace dbxapps::cli {
namespace {

using settings = std::vector<std::pair<std::string, std::string>>;

TEST(options, say_what_to_do_and_with_which_settings) {
    const options o =
        parse({"auth", "describe", "--host", "https://x", "--profile=p", "--auth-type", "pat", "--config-file", "/f",
               "--set", "client_id=a=b", "--offline", "--output", "json", "--ca-file", "/ca"});
    EXPECT_EQ(o.command, "describe");
    EXPECT_EQ(o.settings.settings(), (settings{{"host", "https://x"},
                                               {"profile", "p"},
                                               {"auth_type", "pat"},
                                               {"config_file", "/f"},
                                               {"client_id", "a=b"}}));
    EXPECT_EQ(o.config_file, "/f");
    EXPECT_EQ(o.ca_file, "/ca");
    EXPECT_TRUE(o.offline && o.json && o.browser && !o.help);
}

TEST(options, have_defaults_for_each_command) {
    EXPECT_FALSE(parse({"auth", "describe"}).json);
    EXPECT_TRUE(parse({"auth", "token"}).json);
    EXPECT_FALSE(parse({"auth", "token", "--output=text"}).json);
    EXPECT_FALSE(parse({"auth", "login", "--no-browser"}).browser);
    EXPECT_TRUE(parse({"auth", "token", "--help"}).help);
    EXPECT_TRUE(parse({"auth", "profiles", "-h"}).help);
}

TEST(options, may_ask_for_help_or_the_version) {
    EXPECT_TRUE(parse({}).help);
    EXPECT_TRUE(parse({"--help"}).help);
    EXPECT_TRUE(parse({"auth"}).help);
    EXPECT_TRUE(parse({"--version"}).version);
}

TEST(options, that_are_wrong_are_named_but_no_value_is) {
    const std::vector<std::pair<std::vector<std::string_view>, std::string>> rows = {
        {{"aut"}, "no command"},
        {{"auth", "descibe"}, "no command"},
        {{"auth", "token", "--hots", "x"}, "no option --hots"},
        {{"auth", "token", "--host"}, "--host needs a value"},
        {{"auth", "token", "--host="}, "--host needs a value"},
        {{"auth", "token", "--offline"}, "'auth token' has no option --offline"},
        {{"auth", "logout", "--output", "json"}, "'auth logout' has no option --output"},
        {{"auth", "describe", "--offline=yes"}, "--offline takes no value"},
        {{"auth", "describe", "--output", "secret-part"}, "--output is text or json"},
        {{"auth", "token", "--set", "secret-part"}, "--set takes key=value"},
        {{"auth", "token", "--set", "=secret-part"}, "--set takes key=value"},
        {{"auth", "token", "secret-part"}, "no further words"},
    };
    for (const auto& [arguments, words] : rows) {
        try {
            parse(arguments);
            ADD_FAILURE() << words;
        } catch (const bad_usage& e) {
            EXPECT_NE(std::string(e.what()).find(words), std::string::npos) << e.what();
            EXPECT_NE(std::string(e.what()).find("dbxapps --help"), std::string::npos);
            EXPECT_EQ(std::string(e.what()).find("secret-part"), std::string::npos);
        }
    }
}

TEST(json_text, is_indented_and_reads_back) {
    const auto v = boost::json::parse(R"({"a":{"b":[1,"x\"y"],"e":{}},"n":null,"l":[]})");
    const std::string text = json_text(v);
    EXPECT_EQ(text,
              "{\n  \"a\": {\n    \"b\": [\n      1,\n      \"x\\\"y\"\n    ],\n    \"e\": {}\n  },\n"
              "  \"n\": null,\n  \"l\": []\n}");
    EXPECT_EQ(boost::json::parse(text), v);
}

}  // namespace
}  // namespace dbxapps::cli
