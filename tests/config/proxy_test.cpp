#include <config/proxy.hpp>

#include <gtest/gtest.h>

#include <map>

namespace dbxapps::config {
namespace {

using variables = std::map<std::string, std::string>;

environment of(variables set) {
    return [set](const std::string& name) {
        const auto found = set.find(name);
        return found == set.end() ? std::nullopt : std::optional(found->second);
    };
}

// Where https to a host goes, in words.
std::string way(const proxy_options& options, variables set, const std::string& host = "app.example.com",
                std::uint16_t port = 443) {
    const auto rule = proxy_rule::make(options, of(std::move(set)));
    if (!rule) return rule.error().detail;
    const proxy* by = rule->on_the_way_to(host, port);
    return by ? (by->secure ? "tls " : "") + by->words() : "direct";
}

proxy_options with_url(std::string url) {
    proxy_options out;
    out.url = std::move(url);
    return out;
}

TEST(proxy, is_read_from_its_url) {
    struct row {
        const char* url;
        bool secure;
        const char* host;
        std::uint16_t port;
        const char* authorization;
    };
    constexpr row rows[] = {
        {"http://proxy.test:3128", false, "proxy.test", 3128, ""},
        {"http://proxy.test", false, "proxy.test", 80, ""},
        {"http://proxy.test/", false, "proxy.test", 80, ""},
        {"https://proxy.test", true, "proxy.test", 443, ""},
        {"HTTPS://Proxy.Test:8443", true, "proxy.test", 8443, ""},
        {"proxy.test:3128", false, "proxy.test", 3128, ""},
        {"proxy.test", false, "proxy.test", 80, ""},
        {" \thttp://proxy.test:3128 ", false, "proxy.test", 3128, ""},
        {"http://10.0.0.1:3128", false, "10.0.0.1", 3128, ""},
        {"http://[fd00::1]:3128", false, "fd00::1", 3128, ""},
        {"http://@proxy.test", false, "proxy.test", 80, ""},
        // base64 of "user:pass", "user:", "us er:p:a@/ss" and "u:a@b".
        {"http://user:pass@proxy.test:3128", false, "proxy.test", 3128, "Basic dXNlcjpwYXNz"},
        {"user:pass@proxy.test:3128", false, "proxy.test", 3128, "Basic dXNlcjpwYXNz"},
        {"http://user@proxy.test:3128", false, "proxy.test", 3128, "Basic dXNlcjo="},
        {"http://us%20er:p:a%40%2fss@proxy.test:3128", false, "proxy.test", 3128, "Basic dXMgZXI6cDphQC9zcw=="},
        {"http://u:a@b@proxy.test:3128", false, "proxy.test", 3128, "Basic dTphQGI="},
        {"https://user:pass@[fd00::1]:3128", true, "fd00::1", 3128, "Basic dXNlcjpwYXNz"},
    };
    for (const auto& r : rows) {
        const auto made = parse_proxy(r.url, "the test's setting");
        ASSERT_TRUE(made) << r.url << ": " << made.error().detail;
        EXPECT_EQ(made->secure, r.secure) << r.url;
        EXPECT_EQ(made->host, r.host) << r.url;
        EXPECT_EQ(made->port, r.port) << r.url;
        EXPECT_EQ(made->authorization, r.authorization) << r.url;
    }
}

TEST(proxy, that_cannot_be_one_is_refused_without_a_word_of_what_stood_there) {
    for (const char* url : {
             "http://",
             "http://:3128",
             "http://user:s3cret@",
             "socks5://user:s3cret@proxy.test:1080",
             "s3cret://proxy.test",
             "http://proxy.test:s3cret",
             "http://user:s3cret",
             "http://proxy.test:0",
             "http://proxy.test:65536",
             "http://proxy.test:3128/s3cret",
             "http://user:1/s3cret@proxy.test:3128",
             "http://user:1?s3cret@proxy.test:3128",
             "http://user:1#s3cret@proxy.test:3128",
             "http://user:s3cret%@proxy.test:3128",
             "http://user:s3cret%4@proxy.test:3128",
             "http://user:s3cret%zz@proxy.test:3128",
             "http://user:s3cret%0d%0aX: y@proxy.test:3128",
             "http://us%3aer:s3cret@proxy.test:3128",
             "http://user:s3cret@proxy test",
             "http://user:s3cret@prox\xc3\xbf.test",
             "http://user:s3cret@[fd00::1",
         }) {
        const auto made = parse_proxy(url, "the test's setting");
        ASSERT_FALSE(made) << url;
        EXPECT_TRUE(made.error().is(errc::bad_config)) << url;
        EXPECT_EQ(made.error().detail.find("s3cret"), std::string::npos) << made.error().detail;
        EXPECT_EQ(made.error().detail.rfind("the test's setting ", 0), 0u) << made.error().detail;
    }
}

TEST(proxy, of_the_environment_is_the_lower_case_one_if_both_are_set) {
    EXPECT_EQ(way({}, {}), "direct");
    EXPECT_EQ(way({}, {{"HTTPS_PROXY", "http://upper.test:1"}}), "upper.test:1");
    EXPECT_EQ(way({}, {{"https_proxy", "http://lower.test:2"}}), "lower.test:2");
    EXPECT_EQ(way({}, {{"HTTPS_PROXY", "http://upper.test:1"}, {"https_proxy", "http://lower.test:2"}}),
              "lower.test:2");
    EXPECT_EQ(way({}, {{"HTTPS_PROXY", "http://upper.test:1"}, {"https_proxy", " "}}), "upper.test:1");
    EXPECT_EQ(way({}, {{"HTTP_PROXY", "http://other.test:1"}, {"http_proxy", "http://other.test:1"}}), "direct");
    EXPECT_EQ(way({}, {{"ALL_PROXY", "http://other.test:1"}}), "direct");
    EXPECT_NE(way({}, {{"HTTPS_PROXY", "socks5://other.test:1"}}).find("HTTPS_PROXY does not name"), std::string::npos);
}

TEST(proxy, of_the_environment_is_bypassed_as_its_lower_case_list_says_if_both_are_set) {
    const auto with = [](variables more) {
        more["https_proxy"] = "http://proxy.test:1";
        return way({}, std::move(more));
    };
    EXPECT_EQ(with({{"NO_PROXY", "example.com"}}), "direct");
    EXPECT_EQ(with({{"no_proxy", "example.com"}}), "direct");
    EXPECT_EQ(with({{"NO_PROXY", "example.com"}, {"no_proxy", "other.test"}}), "proxy.test:1");
    EXPECT_EQ(with({{"NO_PROXY", "example.com"}, {"no_proxy", ""}}), "direct");
    EXPECT_EQ(with({{"NO_PROXY", "10.0.0.0/99, example.com"}}), "direct");
}

TEST(proxy, what_the_options_say_stands_before_the_environment) {
    const variables set{{"https_proxy", "http://env.test:1"}, {"no_proxy", "example.com"}};
    proxy_options options = with_url("https://own.test:2");
    EXPECT_EQ(way(options, set), "direct");
    EXPECT_EQ(way(options, set, "app.other.test"), "tls own.test:2");
    options.bypass = {"other.test"};
    EXPECT_EQ(way(options, set), "tls own.test:2");
    EXPECT_EQ(way(options, set, "app.other.test"), "direct");
    options.url.clear();
    EXPECT_EQ(way(options, set), "env.test:1");
    options.from_environment = false;
    EXPECT_EQ(way(options, set), "direct");
    EXPECT_EQ(way(with_url("own.test:2"), {}), "own.test:2");
}

TEST(proxy, an_entry_of_the_options_that_makes_no_sense_is_refused) {
    proxy_options options = with_url("http://own.test:2");
    options.bypass = {"example.com", "10.0.0.0/40"};
    const auto made = proxy_rule::make(options, of({}));
    ASSERT_FALSE(made);
    EXPECT_TRUE(made.error().is(errc::bad_config));
    EXPECT_NE(made.error().detail.find("network.proxy.bypass has '10.0.0.0/40'"), std::string::npos);
}

TEST(proxy, is_never_asked_for_what_only_this_machine_may_ask) {
    for (const char* host : {"localhost", "127.0.0.1", "::1", "169.254.169.254", "metadata.google.internal"})
        EXPECT_EQ(way(with_url("http://own.test:2"), {}, host), "direct") << host;
}

TEST(proxy, the_environment_of_the_process_is_the_usual_one) {
    EXPECT_TRUE(process_environment("PATH"));
    EXPECT_FALSE(process_environment("DBXAPPS_NO_SUCH_VARIABLE"));
}

}  // namespace
}  // namespace dbxapps::config
