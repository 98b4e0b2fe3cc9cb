#include <config/read_file.hpp>

#include <config/config_error.hpp>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace dbxapps::config {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t most = 1024 * 1024;

class read_file : public testing::Test {
protected:
    read_file() {
        std::string pattern = (fs::temp_directory_path() / "read_file_XXXXXX").string();
        place_ = ::mkdtemp(pattern.data());
        fs::permissions(place_, fs::perms::all);
    }
    ~read_file() override { fs::remove_all(place_); }

    std::string write(const std::string& text) {
        std::ofstream(path(), std::ios::binary) << text;
        return path();
    }
    std::string path() const { return (place_ / "config").string(); }
    std::string refusal(const std::string& path) {
        const auto got = read_text_file(path, most);
        if (got) return *got ? "read" : "absent";
        EXPECT_EQ(got.error().cause, config_error::parse);
        return got.error().detail;
    }

    fs::path place_;
};

TEST_F(read_file, gives_its_text) {
    EXPECT_EQ(*read_text_file(write("[a]\nk=1\n"), most).value(), "[a]\nk=1\n");
    EXPECT_EQ(*read_text_file(write(std::string(most, 'x')), most).value(), std::string(most, 'x'));
    EXPECT_EQ(*read_text_file("/dev/null", most).value(), "");
}

TEST_F(read_file, that_is_absent_is_no_error) { EXPECT_EQ(refusal(path()), "absent"); }

TEST_F(read_file, that_is_a_directory_says_so) {
    fs::create_directory(path());
    EXPECT_EQ(refusal(path()), path() + ": Is a directory");
}

TEST_F(read_file, that_is_a_loop_of_links_says_so) {
    fs::create_symlink("config", path());
    EXPECT_EQ(refusal(path()), path() + ": Too many levels of symbolic links");
}

TEST_F(read_file, in_a_file_instead_of_a_directory_says_so) {
    EXPECT_EQ(refusal(write("") + "/x"), path() + "/x: Not a directory");
}

TEST_F(read_file, that_is_unreadable_says_so) {
    fs::permissions(write("x"), fs::perms::none);
    const uid_t me = ::geteuid();
    ASSERT_EQ(::seteuid(me == 0 ? 65534 : me), 0);  // root may read everything
    const std::string words = refusal(path());
    ASSERT_EQ(::seteuid(me), 0);
    EXPECT_EQ(words, path() + ": Permission denied");
}

TEST_F(read_file, that_is_too_large_is_refused) {
    EXPECT_EQ(refusal(write(std::string(10 * 1024 * 1024, 'x'))), path() + ": it is larger than 1024 KiB");
    EXPECT_EQ(refusal(write(std::string(most + 1, 'x'))), path() + ": it is larger than 1024 KiB");
    EXPECT_EQ(refusal("/dev/zero"), "/dev/zero: it is larger than 1024 KiB");
}

TEST_F(read_file, that_is_a_pipe_is_refused_without_waiting) {
    ASSERT_EQ(::mkfifo(path().c_str(), 0600), 0);
    EXPECT_EQ(refusal(path()), path() + ": it is not a regular file");
}

TEST_F(read_file, with_a_nul_in_its_name_is_not_another_file) {
    using namespace std::string_literals;
    EXPECT_EQ(refusal(write("x") + "\0y"s), path() + ": a NUL byte in its name");
}

TEST_F(read_file, at_home_is_found_by_a_tilde) {
    EXPECT_EQ(*expand_home("~/.databrickscfg", "/h"), "/h/.databrickscfg");
    EXPECT_EQ(*expand_home("~", "/h"), "/h");
    for (const auto other : {"", "/a/~/b", "a", "~me/a"})
        EXPECT_EQ(*expand_home(other, "/h"), other);
    EXPECT_EQ(*expand_home("/a", ""), "/a");
    EXPECT_EQ(expand_home("~/a", "").error().detail, "~/a: HOME is not set");
}

}  // namespace
}  // namespace dbxapps::config
