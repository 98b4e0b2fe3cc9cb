#include <config/find_program.hpp>

#include <support/temporary_directory.hpp>

#include <gtest/gtest.h>

namespace dbxapps::config {
namespace {

using test::make_file;

constexpr std::size_t large = 1'048'576;

struct FindProgram : testing::Test {
    test::temporary_directory place;
    FindProgram() {
        for (const auto* name : {"a", "b", "c"})
            std::filesystem::create_directory(in(name));
    }
    std::string in(const std::string& name) const { return place.path() + "/" + name; }
    void make(const std::string& name, std::size_t size, mode_t mode = 0700) {
        make_file(in(name), std::string(size, 'x'), mode);
    }
    std::string path() const { return in("a") + ":" + in("b") + "::" + in("c"); }
    config_error why(const std::string& name, const std::string& variable) {
        const auto found = find_program(name, variable);
        EXPECT_FALSE(found);
        const auto said = no_program(name, variable);
        EXPECT_TRUE(said);
        if (found || !said) return config_error::parse;
        EXPECT_EQ(found.error().cause, *said) << found.error().detail;
        return *said;
    }
};

TEST_F(FindProgram, TheFirstOfPathThatIsLargeEnough) {
    EXPECT_EQ(why("databricks", path()), config_error::cli_not_found);
    make("a/databricks", large - 1);
    EXPECT_EQ(why("databricks", path()), config_error::legacy_cli);
    make("b/databricks", large, 0600);
    std::filesystem::create_directory(in("d"));
    make("c/databricks", large);
    EXPECT_EQ(find_program("databricks", path()).value(), in("c/databricks"));
    EXPECT_FALSE(no_program("databricks", path()));
    make("a/databricks", large);
    EXPECT_EQ(find_program("databricks", path()).value(), in("a/databricks"));
}

TEST_F(FindProgram, APathIsTakenAsItIs) {
    make("a/other", large);
    EXPECT_EQ(find_program(in("a/other"), "").value(), in("a/other"));
    EXPECT_EQ(why(in("a/none"), path()), config_error::cli_not_found);
    EXPECT_EQ(why(in("a"), path()), config_error::cli_not_found);
    make("b/other", 100);
    EXPECT_EQ(why(in("b/other"), path()), config_error::legacy_cli);
    EXPECT_EQ(find_program(in("b/other"), "").error().detail, "legacy databricks CLI detected; upgrade to >= 0.100.0");
    EXPECT_EQ(find_program(in("a/none"), "").error().detail, "databricks CLI not found at " + in("a/none"));
}

TEST_F(FindProgram, ALinkIsWhatItLeadsTo) {
    make("a/real", large);
    std::filesystem::create_symlink(in("a/real"), in("b/databricks"));
    EXPECT_EQ(find_program("databricks", path()).value(), in("b/databricks"));
}

TEST_F(FindProgram, DirectoriesThatDependOnWhereWeAreDoNotCount) {
    make("a/databricks", large);
    const auto before = std::filesystem::current_path();
    std::filesystem::current_path(in("a"));
    EXPECT_EQ(why("databricks", ":.:../a"), config_error::cli_not_found);
    std::filesystem::current_path(before);
}

TEST_F(FindProgram, TheAzureCliMayBeSmall) {
    EXPECT_EQ(why("az", path()), config_error::cli_not_found);
    EXPECT_NE(find_program("az", path()).error().detail.find("Azure CLI"), std::string::npos);
    make("b/az", 10);
    EXPECT_EQ(find_program("az", path()).value(), in("b/az"));
}

}  // namespace
}  // namespace dbxapps::config
