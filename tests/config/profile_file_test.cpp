#include <config/profile_file.hpp>

#include <config/config_error.hpp>

#include <gtest/gtest.h>

#include <random>

namespace dbxapps::config {
namespace {

using namespace std::string_literals;

// "[name] key=value|key=value " of each section.
std::string shown(std::string_view text) {
    const auto file = parse_profile_file(text);
    if (!file) {
        EXPECT_EQ(file.error().cause, config_error::parse);
        return file.error().detail;
    }
    std::string out;
    for (const auto& section : file->sections) {
        out += "[" + section.name + "]";
        for (const auto& [key, value] : section.keys)
            out += " " + key + "=" + value + "|";
    }
    return out;
}

std::string value(std::string_view line) {
    const auto file = parse_profile_file("[p]\nk = " + std::string(line) + "\n");
    return file ? std::string(file->find("p")->value("k")) : file.error().detail;
}

TEST(profile_file, has_sections_with_keys) {
    EXPECT_EQ(shown("; first\n[DEFAULT]\n\n# second\n[abc]\nhost  = https://foo\ntoken=xyz\n"),
              "[DEFAULT][abc] host=https://foo| token=xyz|");
    EXPECT_EQ(shown(""), "");
    EXPECT_EQ(shown("[a]\r\nk = v\r\n"), "[a] k=v|");
    EXPECT_EQ(shown("\xef\xbb\xbf[a]\nk=v"), "[a] k=v|");
    EXPECT_EQ(shown("k = v\n[a]\n"), "[DEFAULT] k=v|[a]");
    EXPECT_EQ(shown("[a]\nk=1\n[b]\n[a]\nl=2\n"), "[a] k=1| l=2|[b]");
    EXPECT_EQ(shown("[pat.with.dot]\n[a [b] c] # why\n"), "[pat.with.dot][a [b] c]");
    EXPECT_EQ(shown("[a]\nk: v=w\n"), "[a] k=v=w|");
    EXPECT_EQ(parse_profile_file("[a]\nk=1\nk=2\n")->find("a")->value("k"), "2");
}

TEST(profile_file, values_may_be_quoted_and_be_followed_by_a_comment) {
    constexpr std::pair<std::string_view, std::string_view> rows[] = {
        {"\"%Y#X$Z\" # comment", "%Y#X$Z"},
        {"'%Y#X$Z' # comment", "%Y#X$Z"},
        {"%Y#X$Z # comment", "%Y#X$Z"},
        {"%Y#X$Z ; comment", "%Y#X$Z"},
        {"a;b#c", "a;b#c"},
        {"a ; b # c", "a"},
        {"a # b ; c", "a"},
        {"#1", "#1"},
        {"#1 # x", "#1"},
        {"\"a # b\"", "a # b"},
        {"'a ; b' ; c", "a ; b"},
        {"\"\"", ""},
        {"\"", "\""},
        {"\"a", "\"a"},
        {"\"a\"b", "\"a\"b"},
        {"\"a\"#b", "\"a\"#b"},
        {"\"a'", "\"a'"},
        {"'it' 's'", "'it' 's'"},
        {"100%(x)s", "100%(x)s"},
        {"a\\", "a\\"},
        {"  spaced out\t", "spaced out"},
        {"", ""},
    };
    for (const auto& [line, wanted] : rows)
        EXPECT_EQ(value(line), wanted) << line;
}

TEST(profile_file, that_is_malformed_is_refused_with_the_line_and_without_its_text) {
    const std::pair<std::string, std::string_view> rows[] = {
        {"[a]\nk = v\ns3cret\n", "line 3: expected [section] or key = value"},
        {"[s3cret\n", "line 1: expected [section], and the ']' is missing"},
        {"\n[a] s3cret\n", "line 2: expected [section], and the ']' is missing"},
        {"[]\n", "line 1: a section without a name"},
        {"[a]\n= s3cret\n", "line 2: a value without a key"},
        {"[a]\n\nk = s3\0cret\n"s, "line 3: a NUL byte; is this a text file, in UTF-8?"},
        {"\xff\xfe[\0a\0]\0\n\0"s, "line 1: a NUL byte; is this a text file, in UTF-8?"},
        {std::string(10 * 1024 * 1024, '\n'), "it is larger than 1 MiB"},
    };
    for (const auto& [text, words] : rows)
        EXPECT_EQ(shown(text), words);
}

TEST(profile_file, of_any_bytes_ends_in_sections_or_in_a_complaint) {
    std::mt19937 random(7);
    constexpr std::string_view letters = "[]=:#; \t\"'ab\n\r\0\xff\\";
    for (int round = 0; round < 20000; ++round) {
        std::string text;
        for (auto left = random() % 40; left > 0; --left)
            text += letters[random() % letters.size()];
        const auto file = parse_profile_file(text);
        EXPECT_TRUE(file || file.error().detail.starts_with("line ")) << round;
    }
}

TEST(profile_file, of_a_megabyte_of_names_is_read_in_time_that_grows_with_it) {
    std::string sections, keys = "[a]\n";
    for (int i = 0; sections.size() < 1000000; ++i)
        sections += "[" + std::to_string(i) + "]\n";
    for (int i = 0; keys.size() < 1000000; ++i)
        keys += std::to_string(i) + "=\n";
    EXPECT_GT(parse_profile_file(sections)->sections.size(), 100000U);
    EXPECT_GT(parse_profile_file(keys)->sections[0].keys.size(), 100000U);
}

std::string chosen(std::string_view text, std::string_view requested) {
    const auto file = parse_profile_file(text);
    const auto section = choose_profile(*file, requested, "/c");
    if (!section)
        return std::string(to_string(static_cast<config_error>(section.error().cause.value()))) + ": " +
               section.error().detail;
    return *section ? (*section)->name : "none";
}

TEST(profile_file, gives_the_profile_asked_for_or_its_default) {
    constexpr std::string_view plain = "[DEFAULT]\nk=1\n[a]\nk=1\n[empty]\n";
    constexpr std::string_view with_choice = "[__settings__]\ndefault_profile =  a  \n[DEFAULT]\nk=1\n[a]\nk=1\n";
    constexpr std::string_view reserved =
        "reserved_profile: /c: __settings__ is a reserved section name and cannot be used as a profile";
    EXPECT_EQ(chosen(plain, ""), "DEFAULT");
    EXPECT_EQ(chosen(plain, "a"), "a");
    EXPECT_EQ(chosen(plain, "A"), "profile_missing: /c has no A profile configured");
    EXPECT_EQ(chosen(plain, "empty"), "profile_missing: /c has no empty profile configured");
    EXPECT_EQ(chosen(with_choice, ""), "a");
    EXPECT_EQ(chosen(with_choice, "DEFAULT"), "DEFAULT");
    EXPECT_EQ(chosen(with_choice, "__settings__"), reserved);
    EXPECT_EQ(chosen("[__settings__]\ndefault_profile=__settings__\n", ""), reserved);
    EXPECT_EQ(chosen("[__settings__]\ndefault_profile=\n[DEFAULT]\nk=1\n", ""), "DEFAULT");
    EXPECT_EQ(chosen("[__settings__]\ndefault_profile=DEFAULT\n", ""),
              "profile_missing: /c has no DEFAULT profile configured");
    EXPECT_EQ(chosen("[DEFAULT]\n", ""), "none");
    EXPECT_EQ(chosen("", ""), "none");
}

}  // namespace
}  // namespace dbxapps::config
