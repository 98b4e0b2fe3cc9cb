#include <config/config_error.hpp>

#include <gtest/gtest.h>

#include <cerrno>
#include <set>

namespace dbxapps::config {
namespace {

TEST(config_error, every_kind_has_a_name_of_its_own) {
    std::set<std::string_view> names;
    for (int i = 1; i <= static_cast<int>(config_error::parse); ++i)
        EXPECT_TRUE(names.insert(to_string(static_cast<config_error>(i))).second) << i;
    EXPECT_EQ(names.size(), 15U);
    EXPECT_EQ(to_string(config_error::no_credentials), "no_credentials");
    EXPECT_EQ(to_string(config_error::parse), "parse");
    for (const int other : {0, -1, 16}) {
        EXPECT_EQ(to_string(static_cast<config_error>(other)), "unknown");
    }
}

TEST(config_error, is_the_cause_of_a_failure_that_callers_know) {
    const failure f = failed(config_error::conflict, "words");
    EXPECT_TRUE(f.is(errc::bad_config));
    EXPECT_EQ(f.cause, config_error::conflict);
    EXPECT_EQ(f.cause.message(), "conflict");
    EXPECT_EQ(f.detail, "words");
    EXPECT_EQ(code_of(config_error::login_required), errc::login_required);
    EXPECT_EQ(code_of(config_error::scope_mismatch), errc::login_required);
    EXPECT_EQ(code_of(config_error::credential_source), errc::token_refused);
    EXPECT_EQ(code_of(config_error::cli_not_found), errc::bad_config);
}

TEST(config_error, of_the_system_for_good_or_for_now) {
    const auto said = [](int error) { return code_of_system(error_code(error, boost::system::system_category())); };
    for (const int error : {EMFILE, ENFILE, ENOMEM, ENOSPC, EIO})
        EXPECT_EQ(said(error), errc::token_unavailable) << error;
    for (const int error : {EACCES, ELOOP, ENOTDIR, EROFS, EPERM})
        EXPECT_EQ(said(error), errc::bad_config) << error;
}

}  // namespace
}  // namespace dbxapps::config
