#include <dbxapps/request.hpp>

#include <gtest/gtest.h>

namespace dbxapps {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;

constexpr auto url = "https://app-1.aws.databricksapps.com/api/x";

TEST(request, get_has_no_body_and_nothing_wrong_with_it) {
    const request r = get(url);
    EXPECT_EQ(r.method(), "GET");
    EXPECT_EQ(r.url(), url);
    EXPECT_EQ(r.headers(), "");
    EXPECT_FALSE(r.has_body());
    EXPECT_EQ(r.within(), std::nullopt);
    EXPECT_EQ(r.tokens(), nullptr);
    EXPECT_EQ(r.problem(), "");
}

TEST(request, post_carries_its_body_as_json_unless_told_otherwise) {
    const request r = post(url, "{}");
    EXPECT_EQ(r.method(), "POST");
    EXPECT_EQ(r.body(), "{}");
    EXPECT_TRUE(r.has_body());
    EXPECT_EQ(r.headers(), "Content-Type: application/json\r\n");
    EXPECT_EQ(post(url, "a", "text/plain").headers(), "Content-Type: text/plain\r\n");
    EXPECT_TRUE(post(url, "").has_body()) << "empty, but there";
}

TEST(request, headers_are_written_as_given_and_in_order) {
    const request r =
        get(url).with("X-A", "1").with("x-b", " \ttwo words\t ").with("X-A", "").with("X-C", "caf\xc3\xa9\ttab");
    EXPECT_EQ(r.headers(), "X-A: 1\r\nx-b: two words\r\nX-A: \r\nX-C: caf\xc3\xa9\ttab\r\n");
    EXPECT_EQ(r.problem(), "");
}

TEST(request, is_built_in_steps_as_well_as_in_one_line) {
    request r("PUT", url);
    request& same = r.with("X-A", "1").body("b", "text/x").within(5s).repeatable(false);
    EXPECT_EQ(&same, &r);
    EXPECT_EQ(r.headers(), "X-A: 1\r\nContent-Type: text/x\r\n");
    EXPECT_EQ(r.body(), "b");
    EXPECT_EQ(r.within(), 5s);
    EXPECT_FALSE(r.may_repeat());
    const request other = request("PUT", url).with("X-A", "1").body("b", "text/x").within(5s).repeatable(false);
    EXPECT_EQ(other.headers(), r.headers());
    EXPECT_EQ(other.within(), 5s);
    EXPECT_FALSE(other.may_repeat());
}

TEST(request, has_one_content_type_and_the_last_word_counts) {
    EXPECT_EQ(post(url, "{}").body("a", "text/plain").headers(), "Content-Type: text/plain\r\n");
    EXPECT_EQ(
        get(url).with("X-A", "1").with("content-type", "a/b").with("X-Content-Type", "x").body("a", "c/d").headers(),
        "X-A: 1\r\nX-Content-Type: x\r\nContent-Type: c/d\r\n");
    EXPECT_EQ(get(url).with("content-type", "a/b").body("a", "").headers(), "content-type: a/b\r\n");
    EXPECT_EQ(get(url).body("a", "").headers(), "");
}

TEST(request, has_one_of_each_field_that_is_single_and_as_many_as_given_of_others) {
    const auto r = post(url, "a=b")
                       .with("content-type", "application/x-www-form-urlencoded")
                       .with("Last-Event-ID", "1")
                       .with("Accept", "a/b")
                       .with("last-event-id", "2")
                       .with("Accept", "c/d");
    EXPECT_EQ(r.headers(),
              "content-type: application/x-www-form-urlencoded\r\nAccept: a/b\r\nlast-event-id: 2\r\nAccept: c/d\r\n");
}

TEST(request, methods_have_to_be_tokens) {
    for (const auto method : {"GET", "get", "PROPFIND", "M-SEARCH", "X!#$%&'*+.^_`|~9"}) {
        EXPECT_EQ(request(method, url).problem(), "") << method;
    }
    for (const auto method : {""sv, " "sv, "GET "sv, " GET"sv, "G ET"sv, "GET\r\n"sv, "GET\0"sv, "GET/"sv, "G:T"sv,
                              "G\xc9T"sv, "GET / HTTP/1.1\r\nX: y"sv}) {
        EXPECT_NE(request(std::string(method), url).problem().find("is not a token"), std::string::npos) << method;
    }
    EXPECT_EQ(request("G T\r\n", url).problem(), "the method 'G T..' is not a token");
    EXPECT_EQ(request("CONNECT", url).problem(), "the method CONNECT is for proxies, not for apps");
}

TEST(request, header_names_have_to_be_tokens) {
    for (const auto name : {""sv, " "sv, "X A"sv, "X:"sv, ":path"sv, "X\r\n"sv, "X\n"sv, "X\0Y"sv, "X\t"sv, " X"sv,
                            "X "sv, "X\xc3\xa9"sv, "(X)"sv, "X: y\r\nZ"sv}) {
        const request r = get(url).with(name, "v");
        EXPECT_NE(r.problem().find("the header name '"), std::string::npos) << name;
        EXPECT_NE(r.problem().find("is not a token"), std::string::npos) << name;
        EXPECT_EQ(r.headers(), "") << "and it is not sent";
    }
    EXPECT_EQ(get(url).with("X\r\nY", "v").problem(), "the header name 'X..Y' is not a token");
}

TEST(request, header_values_hold_no_control_characters_and_stay_secret) {
    for (int i = 0; i < 256; ++i) {
        const char c = static_cast<char>(i);
        const std::string value = std::string("s3c") + c + "ret";
        const request r = get(url).with("X-Key", value);
        const bool bad = (i < 0x20 && c != '\t') || i == 0x7f;
        EXPECT_EQ(r.problem(), bad ? "the value of the header X-Key contains a control character" : "") << i;
        EXPECT_EQ(r.headers(), bad ? "" : "X-Key: " + value + "\r\n") << i;
    }
    for (const auto value : {"s3cret\r\nX-Evil: 1"sv, "s3cret\n"sv, "\rs3cret"sv, "s3cret\0"sv}) {
        const request r = get(url).with("X-Key", value);
        EXPECT_EQ(r.problem(), "the value of the header X-Key contains a control character");
        EXPECT_EQ(r.headers(), "");
    }
}

TEST(request, content_types_are_header_values_too) {
    const request r = post(url, "{}", "text/plain\r\nX-Evil: 1");
    EXPECT_EQ(r.problem(), "the value of the header Content-Type contains a control character");
    EXPECT_EQ(r.headers(), "");
}

TEST(request, headers_that_are_the_librarys_are_refused_in_any_letter_case) {
    for (const auto name : {"Host", "HOST", "Content-Length", "content-length", "Transfer-Encoding", "Authorization",
                            "aUTHORIZATION", "Connection", "Expect", "Upgrade", "User-Agent"}) {
        const request r = get(url).with(name, "s3cret");
        EXPECT_EQ(r.problem(), "the header " + std::string(name) + " is set by the library, not by the request");
        EXPECT_EQ(r.headers(), "");
    }
    for (const auto name : {"X-Host", "Content-Length-X", "X-Authorization", "Accept", "Cookie", "If-None-Match"}) {
        EXPECT_EQ(get(url).with(name, "v").problem(), "") << name;
    }
}

TEST(request, needs_some_time) {
    EXPECT_EQ(get(url).within(1ns).problem(), "");
    for (const duration d : {duration(0), duration(-1), duration::min()}) {
        EXPECT_EQ(get(url).within(d).problem(), "within() needs a time of more than nothing");
    }
}

TEST(request, tells_of_its_first_problem) {
    request r = get(url).with("X Y", "v").with("Host", "h").with("X", "\n").within(0s);
    EXPECT_EQ(r.problem(), "the header name 'X Y' is not a token");
    r.with("X-Fine", "v");
    EXPECT_EQ(r.problem(), "the header name 'X Y' is not a token");
    EXPECT_EQ(get(url).within(0s).with("Host", "h").problem(), "within() needs a time of more than nothing");
    EXPECT_EQ(request("", url).with("Host", "h").problem(), "the method '' is not a token");
}

TEST(request, problems_never_show_url_or_body) {
    const request r = request("bad method", "https://user:s3cret@a.example/?token=s3cret")
                          .with("Host", "s3cret")
                          .body("s3cret", "text/\x01s3cret");
    EXPECT_NE(r.problem(), "");
    EXPECT_EQ(r.problem().find("s3cret"), std::string::npos);
}

TEST(request, may_repeat_by_method_or_by_the_callers_word) {
    for (const auto method : {"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"}) {
        EXPECT_TRUE(request(method, url).may_repeat()) << method;
        EXPECT_FALSE(request(method, url).repeatable(false).may_repeat()) << method;
    }
    for (const auto method : {"POST", "PATCH", "PROPFIND", "get", "Put", ""}) {
        EXPECT_FALSE(request(method, url).may_repeat()) << method;
        EXPECT_TRUE(request(method, url).repeatable().may_repeat()) << method;
    }
    EXPECT_FALSE(post(url, "{}").repeatable().repeatable(false).may_repeat()) << "the last word counts";
}

TEST(request, that_was_moved_from_is_empty_and_may_be_used) {
    request r = get(url).with("X-A", "1");
    const request taken = std::move(r);
    EXPECT_EQ(taken.url(), url);
    EXPECT_EQ(taken.headers(), "X-A: 1\r\n");
    for (const auto view : {r.method(), r.url(), r.headers()})
        EXPECT_EQ(view, "");
    r.with("X-B", "2");
    EXPECT_EQ(r.method(), "");
    EXPECT_EQ(r.url(), "");
    request back = taken;
    r = std::move(back);
    EXPECT_EQ(r.url(), url);
    EXPECT_EQ(back.url(), "");
}

TEST(request, is_copied_to_another_url_with_all_that_it_has) {
    const auto cache = std::shared_ptr<token_cache>();
    const request r = post("/api/x", "{}").with("X-A", "1").within(5s).repeatable().as(cache);
    const request other = r.to(url);
    EXPECT_EQ(other.url(), url);
    EXPECT_EQ(other.method(), "POST");
    EXPECT_EQ(other.headers(), r.headers());
    EXPECT_EQ(other.body(), "{}");
    EXPECT_TRUE(other.has_body());
    EXPECT_TRUE(other.may_repeat());
    EXPECT_EQ(other.within(), 5s);
    EXPECT_EQ(r.url(), "/api/x") << "the first stays as it is";
    EXPECT_EQ(other.to("").url(), "");
    EXPECT_EQ(other.to("").headers(), r.headers());
}

TEST(request, moves_to_another_url_without_copying_its_body) {
    request r = post(url, std::string(1000, 'x'));
    const char* const body = r.body().data();
    const request other = std::move(r).to("https://b.example/");
    EXPECT_EQ(other.body().data(), body);
    EXPECT_EQ(other.url(), "https://b.example/");
}

TEST(request, keeps_what_is_wrong_with_it_at_another_url) {
    EXPECT_EQ(get(url).with("a b", "").to("/x").problem(), get(url).with("a b", "").problem());
}

}  // namespace
}  // namespace dbxapps
