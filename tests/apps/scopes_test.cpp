#include <apps/scopes.hpp>

#include <support/answers.hpp>

#include <gtest/gtest.h>

namespace dbxapps::apps {
namespace {

using list = std::vector<std::string>;

list asked(std::string_view field) {
    return scopes_asked_by(
        support::answer("HTTP/1.1 403 Forbidden\r\n" + std::string(field) + "Content-Length: 0\r\n\r\n"));
}

TEST(scopes, those_asked_stand_in_www_authenticate) {
    EXPECT_EQ(asked("WWW-Authenticate: Bearer error=\"insufficient_scope\", Scope=\"sql files.files\"\r\n"),
              (list{"sql", "files.files"}));
    EXPECT_EQ(asked("WWW-Authenticate: Bearer scope=\"sql\r\n"), list{"sql"});
    EXPECT_EQ(asked("WWW-Authenticate: Bearer realm=\"x\"\r\n"), list());
    EXPECT_EQ(asked(""), list());
}

TEST(scopes, what_is_held_is_not_lacked) {
    EXPECT_EQ(lacking({"sql", "files.files", "x"}, {"files.files"}), (list{"sql", "x"}));
    EXPECT_EQ(lacking({"sql"}, {"sql", "x"}), list());
    EXPECT_EQ(lacking({}, {"sql"}), list());
}

TEST(scopes, a_token_for_all_apis_lacks_none_nor_does_one_that_does_not_say) {
    EXPECT_EQ(lacking({"sql"}, {"offline_access", "all-apis"}), list());
    EXPECT_EQ(lacking({"sql"}, {}), list());
}

}  // namespace
}  // namespace dbxapps::apps
