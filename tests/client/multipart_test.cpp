#include <dbxapps/multipart.hpp>

#include <support/workspace.hpp>

#include <fstream>

namespace dbxapps::test {
namespace {

struct Multipart : testing::Test {
    // What arrives of the form, with B for its boundary.
    std::string sent(const multipart_form& form) {
        const client c(io.get_executor(), w.cache(io.get_executor()), w.options());
        const auto r = call(io, c, request("POST", w.url("/api/echo")).body(form.body(), form.content_type()));
        if (!r) return r.error().detail;
        std::string text = r->body();
        const std::string type = form.content_type(), boundary = type.substr(type.find("boundary=") + 9);
        for (std::size_t at = 0; (at = text.find(boundary)) != text.npos;)
            text.replace(at, boundary.size(), "B");
        return text;
    }

    workspace w;
    asio::io_context io;
};

TEST_F(Multipart, FieldsFilesAndContentsFollowOneAnother) {
    const std::string path = testing::TempDir() + "multipart_test.csv";
    std::ofstream(path) << "a,b\n";
    multipart_form form;
    form.field("title", "May").file("report", path, "text/csv").content("raw", "x.bin", std::string("\0\1", 2), "");
    EXPECT_EQ(sent(form),
              "--B\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nMay\r\n"
              "--B\r\nContent-Disposition: form-data; name=\"report\"; filename=\"multipart_test.csv\"\r\n"
              "Content-Type: text/csv\r\n\r\na,b\n\r\n"
              "--B\r\nContent-Disposition: form-data; name=\"raw\"; filename=\"x.bin\"\r\n\r\n" +
                  std::string("\0\1", 2) + "\r\n--B--\r\n");
    const auto body = form.body();
    ASSERT_TRUE(body->begin());
    EXPECT_EQ(body->size(), sent(form).size() + 4 * (form.content_type().size() - 30 - 1));
    EXPECT_TRUE(body->may_begin_again());
}

TEST_F(Multipart, AFormWithoutPartsIsItsEnd) { EXPECT_EQ(sent(multipart_form()), "--B--\r\n"); }

TEST_F(Multipart, WhatWouldBreakOutOfTheHeadIsEscaped) {
    multipart_form form;
    form.field("a\"\r\nX-Evil: 1", "1");
    EXPECT_NE(sent(form).find("name=\"a%22%0D%0AX-Evil: 1\"\r\n\r\n1\r\n"), std::string::npos) << sent(form);
    multipart_form evil;
    evil.content("a", "b", "c", "text/plain\r\nX-Evil: 1");
    EXPECT_NE(sent(evil).find("control character"), std::string::npos);
}

TEST_F(Multipart, APartOfUnknownSizeMakesTheWholeChunked) {
    auto pieces = std::make_shared<int>(3);
    multipart_form form;
    form.field("first", "1")
        .content("stream", "s", generated_body([pieces]() -> awaitable<result<std::string>> {
                     co_return --*pieces > 0 ? std::string("piece;") : std::string();
                 }),
                 "text/plain");
    EXPECT_EQ(form.body()->size(), std::nullopt);
    EXPECT_FALSE(form.body()->may_begin_again());
    EXPECT_NE(sent(form).find("\r\n\r\npiece;piece;\r\n--B--\r\n"), std::string::npos);
}

TEST_F(Multipart, AFileThatIsNotThereEndsTheCall) {
    multipart_form form;
    form.file("report", "/nowhere/at/all.csv");
    EXPECT_NE(sent(form).find("/nowhere/at/all.csv"), std::string::npos);
    EXPECT_EQ(w.emulated.count().app_requests, 0u);
}

TEST(multipart_form, two_forms_have_two_boundaries) {
    EXPECT_NE(multipart_form().content_type(), multipart_form().content_type());
    EXPECT_EQ(multipart_form().content_type().size(),
              std::string("multipart/form-data; boundary=dbxapps-").size() + 32);
}

}  // namespace
}  // namespace dbxapps::test
